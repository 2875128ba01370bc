package simulate

// shrinkTries bounds how many smaller worlds are tried.
const shrinkTries = 120

// shrink looks for a smaller plan that still breaks, and tells the story of the order it breaks.
func shrink(p plan) *Violation {
	v := lived(p)
	if v == nil {
		return &Violation{Seed: p.seed, World: p.index, Check: "determinism",
			What: "a world that broke did not break again"}
	}
	tries := 0
	for smaller := true; smaller; {
		smaller = false
		for _, q := range p.smaller(v) {
			if tries++; tries > shrinkTries {
				break
			}
			if found := lived(q); found != nil {
				p, v, smaller = q, found, true
				break
			}
		}
	}
	p.trace = v.Order
	if told := lived(p); told != nil {
		v = told
	}
	return v
}

func lived(p plan) *Violation {
	w := newWorld(p)
	w.live()
	if w.violation != nil {
		w.violation.Trace = w.story
	}
	return w.violation
}

// smaller are the plans to try: fewer orders first, then one fault less.
func (p plan) smaller(v *Violation) []plan {
	var plans []plan
	for _, n := range []int{1, p.orders / 8, p.orders / 2, p.orders - 1, v.Made} {
		if n > 0 && n < p.orders {
			q := p
			q.orders = n
			plans = append(plans, q)
		}
	}
	for _, f := range Faults() {
		q := p
		q.without = append(append([]Fault{}, p.without...), f)
		if len(q.without) == len(unique(q.without)) {
			plans = append(plans, q)
		}
	}
	return plans
}

func unique(faults []Fault) map[Fault]bool {
	set := map[Fault]bool{}
	for _, f := range faults {
		set[f] = true
	}
	return set
}

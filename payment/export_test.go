package payment

// PutAside is of how many things it is remembered that they failed.
func (s *Service) PutAside() int {
	s.aside.mu.Lock()
	defer s.aside.mu.Unlock()
	return len(s.aside.of)
}

// Busy takes a company's lane, as if its institution did not answer, until leave is called.
func (s *Service) Busy(company string) (leave func()) {
	s.lanes.enter(company)
	return func() { s.lanes.leave(company) }
}

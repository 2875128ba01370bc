package property

import (
	"context"
	"slices"

	"linlipay/fault"
	"linlipay/store"
)

// Company is a property-management company (物业公司): a tenant that never sees another's data.
type Company struct {
	ID      string `json:"id"`
	Version int64  `json:"-"`
	Name    string `json:"name"`
}

var companies = store.Kind[Company]{
	Schema:  store.Schema{Name: "companies"},
	ID:      func(c *Company) string { return c.ID },
	Version: func(c *Company) *int64 { return &c.Version },
	Keys:    func(*Company) store.Keys { return nil },
}

// Community is a residential community (小区) that a company manages.
type Community struct {
	ID      string `json:"id"`
	Version int64  `json:"-"`
	Company string `json:"company"`
	Name    string `json:"name"`
}

var communities = store.Kind[Community]{
	Schema: store.Schema{
		Name: "communities",
		Fields: []store.Field{
			{Name: "company", Type: store.String}, {Name: "name", Type: store.String},
			{Name: "place", Type: store.String},
		},
		Indexes: []store.Index{
			{Name: "in_order", Fields: []string{"company", "place"}}, {Name: "by_name", Fields: []string{"name"}},
		},
	},
	ID:      func(c *Community) string { return c.ID },
	Version: func(c *Community) *int64 { return &c.Version },
	Keys: func(c *Community) store.Keys {
		return store.Keys{"company": {c.Company}, "name": {Fold(c.Name)}, "place": {place(c.Name)}}
	},
}

// AddCompany makes a company; one that exists already stays as it is.
func (s *Service) AddCompany(ctx context.Context, id, name string) error {
	err := s.companies.Insert(ctx, &Company{ID: id, Name: name})
	if fault.Is(err, fault.AlreadyExists) {
		return nil
	}
	return err
}

// Company returns a company, or NotFound.
func (s *Service) Company(ctx context.Context, id string) (*Company, error) {
	return s.companies.Get(ctx, id)
}

// Community returns a community, or NotFound.
func (s *Service) Community(ctx context.Context, id string) (*Community, error) {
	return s.communities.Get(ctx, id)
}

// CommunityName is how people call a community, "" where it cannot be read now. A community keeps its name.
func (s *Service) CommunityName(ctx context.Context, id string) string {
	return s.nameOnce("community "+id, func() (string, error) {
		c, err := s.communities.Get(ctx, id)
		if err != nil {
			return "", err
		}
		return c.Name, nil
	})
}

// CompanyName is a company's name, "" where it cannot be read now. A company keeps its name.
func (s *Service) CompanyName(ctx context.Context, id string) string {
	return s.nameOnce("company "+id, func() (string, error) {
		c, err := s.companies.Get(ctx, id)
		if err != nil {
			return "", err
		}
		return c.Name, nil
	})
}

// nameOnce reads a name that does not change, and keeps it.
func (s *Service) nameOnce(what string, read func() (string, error)) string {
	if name, known := s.names.Load(what); known {
		return name.(string)
	}
	name, err := read()
	if err == nil {
		s.names.Store(what, name)
	}
	return name
}

// Communities lists all communities within a scope as people count them.
func (s *Service) Communities(ctx context.Context, scope Scope) ([]Community, error) {
	var communities []Community
	err := s.communities.All(ctx, store.Query{Index: "in_order", Equal: []any{scope.Company}}, func(c Community) error {
		if scope.Covers(c.Company, c.ID) {
			communities = append(communities, c)
		}
		return nil
	})
	return communities, err
}

// EachCommunity gives each community of every company to a function, until that fails.
func (s *Service) EachCommunity(ctx context.Context, each func(Community) error) error {
	return s.communities.All(ctx, store.Query{Index: "by_name"}, each)
}

// CommunityPage is a page of the communities within a scope as people count them, and the cursor of the next, "" on the
// last. A page may be short.
func (s *Service) CommunityPage(ctx context.Context, scope Scope, cursor string, limit int) (communities []Community,
	next string, err error) {
	q := store.Query{Index: "in_order", Equal: []any{scope.Company}, Cursor: cursor, Limit: limit}
	for {
		page, next, err := s.communities.Find(ctx, q)
		if err != nil {
			return nil, "", err
		}
		page = slices.DeleteFunc(page, func(c Community) bool { return !scope.Covers(c.Company, c.ID) })
		if len(page) > 0 || next == "" {
			return page, next, nil
		}
		q.Cursor = next
	}
}

// CommunitiesNamed is a page of the communities of any company with exactly that name, whatever the width of its
// characters, for a resident who looks for
// theirs, and the cursor of the next.
func (s *Service) CommunitiesNamed(ctx context.Context, name, cursor string, limit int) (communities []Community,
	next string,
	err error) {
	return s.communities.Find(ctx, store.Query{Index: "by_name", Equal: []any{Fold(name)}, Cursor: cursor,
		Limit: limit})
}

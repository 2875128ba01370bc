package payment

// PutAside is of how many things it is remembered that they failed.
func (s *Service) PutAside() int {
	s.aside.mu.Lock()
	defer s.aside.mu.Unlock()
	return len(s.aside.of)
}

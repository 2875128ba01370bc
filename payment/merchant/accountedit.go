package merchant

import (
	"errors"
	"maps"
	"slices"

	"linlipay/fault"
	"linlipay/payment/gateway"
)

// AccountEdit is what a person enters of a merchant account.
type AccountEdit struct {
	Name        string
	Entity      string            // the legal entity that it collects for; "" is all of the company
	Communities []string          // ids of the communities it collects for; empty is all of the company
	Settings    map[string]string // those named are replaced, or removed by ""; the others stay
	Rotate      bool              // what is replaced stays good beside the new, where the setting allows it
	DropOld     bool              // what earlier rotations kept is removed
}

// settingsOf lists the settings of an institution's accounts, or an Unsupported fault.
func (s *Service) settingsOf(i gateway.Institution) ([]gateway.Setting, error) {
	if d, ok := s.gateways[i].(gateway.Described); ok {
		return d.Settings(), nil
	}
	return nil, fault.New(fault.Unsupported, "该支付渠道的商户号不能在此配置。", "Accounts of this institution cannot be set up here.")
}

// Usable says, in a fault for the person, why an account cannot be used: its settings are incomplete or malformed, or
// lead to a host that is not the institution's. It is Invalid.
func (s *Service) Usable(acc gateway.Account) error {
	g, err := s.Gateway(acc.Institution)
	if err == nil {
		err = g.Check(acc)
	}
	var known *fault.Error
	switch {
	case errors.As(err, &known):
		return err
	case err != nil: // its text may repeat what was entered
		return fault.New(fault.Invalid, "商户号配置不完整或格式不正确。", "The settings are not complete, or malformed.").Because(err)
	}
	return s.atInstitution(acc)
}

// apply returns the settings as they are after the edit.
func (e AccountEdit) apply(described []gateway.Setting, settings map[string]string) (map[string]string, error) {
	settings = maps.Clone(settings)
	for name := range e.Settings {
		if !slices.ContainsFunc(described, func(d gateway.Setting) bool { return d.Name == name }) {
			return nil, fault.New(fault.Invalid, "有该支付渠道没有的配置项。",
				"There is a setting that the institution does not have.")
		}
	}
	for _, d := range described {
		if value, given := e.Settings[d.Name]; given {
			value, err := d.Tidy(value)
			if err != nil {
				return nil, err
			}
			d.Replace(settings, value, e.Rotate)
		}
	}
	for _, d := range described {
		if e.DropOld && d.Several {
			settings[d.Name] = d.Newest(settings[d.Name])
		}
		if e.DropOld && d.Previous != "" {
			delete(settings, d.Previous)
		}
	}
	maps.DeleteFunc(settings, func(_, value string) bool { return value == "" })
	return settings, nil
}

package payment

import (
	"encoding/pem"
	"errors"
	"maps"
	"slices"
	"strings"
	"unicode"

	"linlipay/fault"
)

// AccountEdit is what a person enters of a merchant account.
type AccountEdit struct {
	Name        string
	Communities []string          // ids of the communities it collects for; empty is all of the company
	Settings    map[string]string // those named are replaced, or removed by ""; the others stay
	Rotate      bool              // what is replaced stays good beside the new, where the setting allows it
	DropOld     bool              // what earlier rotations kept is removed
}

// settingsOf lists the settings of an institution's accounts, or an Unsupported fault.
func (s *Service) settingsOf(i Institution) ([]Setting, error) {
	if d, ok := s.gateways[i].(Described); ok {
		return d.Settings(), nil
	}
	return nil, fault.New(fault.Unsupported, "该支付渠道的商户号不能在此配置。", "Accounts of this institution cannot be set up here.")
}

// Usable says, in a fault for the person, why an account cannot be used: its settings are incomplete or malformed, or
// lead to a host that is not the institution's.
func (s *Service) Usable(acc Account) error {
	g, err := s.gateway(acc.Institution)
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
func (e AccountEdit) apply(described []Setting, settings map[string]string) (map[string]string, error) {
	settings = maps.Clone(settings)
	for name := range e.Settings {
		if !slices.ContainsFunc(described, func(d Setting) bool { return d.Name == name }) {
			return nil, fault.New(fault.Invalid, "有该支付渠道没有的配置项。",
				"There is a setting that the institution does not have.")
		}
	}
	for _, d := range described {
		if value, given := e.Settings[d.Name]; given {
			value, err := d.tidy(value)
			if err != nil {
				return nil, err
			}
			d.replace(settings, value, e.Rotate)
		}
	}
	for _, d := range described {
		if e.DropOld && d.Several {
			settings[d.Name] = d.newest(settings[d.Name])
		}
		if e.DropOld && d.Previous != "" {
			delete(settings, d.Previous)
		}
	}
	maps.DeleteFunc(settings, func(_, value string) bool { return value == "" })
	return settings, nil
}

// replace puts a value in the place of the old one; rotate keeps the old one where the setting says.
func (d Setting) replace(settings map[string]string, value string, rotate bool) {
	old := settings[d.Name]
	settings[d.Name] = value
	switch {
	case !rotate || old == "" || value == "":
	case d.newest(old) == value:
		settings[d.Name] = old
	case d.Several:
		settings[d.Name] = value + "\n" + old
	case d.Previous != "":
		settings[d.Previous] = old
	}
}

// newest is the first of the values that a setting holds.
func (d Setting) newest(text string) string {
	if !d.Several {
		return text
	}
	if block, _ := pem.Decode([]byte(text)); d.PEM && block != nil {
		return strings.TrimSpace(string(pem.EncodeToMemory(block)))
	}
	if some := strings.Fields(text); len(some) > 0 {
		return some[0]
	}
	return ""
}

// settingLimit bounds a setting, in bytes: a few certificates.
const settingLimit = 24 << 10

// tidy brings what a person pasted into one form: without spaces around it, keys as PEM.
func (d Setting) tidy(text string) (string, error) {
	text = strings.TrimSpace(text)
	if len(text) > settingLimit {
		return "", BadSetting(d.Name, "过长。", "is too long.")
	}
	if d.Roots && text != "" {
		if _, err := blocksOf(text); err != nil {
			return "", BadSetting(d.Name, "须为证书（PEM）。", "must be certificates (PEM).")
		}
		return text, nil
	}
	if d.PEM && text != "" {
		framed, err := frame(text)
		if err != nil {
			return "", BadSetting(d.Name, "须为 RSA 密钥或证书（PEM 或 Base64）。",
				"must be an RSA key or certificate (PEM or base64).")
		}
		return framed, nil
	}
	if strings.ContainsFunc(text, unicode.IsControl) {
		return "", BadSetting(d.Name, "含有换行或控制字符。", "holds line breaks or control characters.")
	}
	return text, nil
}

// frame writes keys and certificates as PEM, each under its true heading.
func frame(text string) (string, error) {
	some, err := ReadKeys(text)
	if err != nil {
		return "", err
	}
	blocks, err := blocksOf(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for i, k := range some {
		b.Write(pem.EncodeToMemory(&pem.Block{Type: k.heading, Bytes: blocks[i]}))
	}
	return strings.TrimSpace(b.String()), nil
}

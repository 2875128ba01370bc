package payment

import (
	"reflect"
	"testing"
)

// A copy of an order shares no list that a move changes in place: whoever adds a list to Order finds out here that copy
// must know of it.
func TestCopyOfAnOrderSharesNoList(t *testing.T) {
	o := &Order{}
	fields := reflect.ValueOf(o).Elem()
	for i := range fields.NumField() {
		switch f := fields.Field(i); f.Kind() {
		case reflect.Slice:
			f.Set(reflect.MakeSlice(f.Type(), 2, 5))
		case reflect.Map, reflect.Pointer, reflect.Interface, reflect.Chan, reflect.Func:
			t.Errorf("%s is a %s: say in copy how it is copied, and here how that is seen", fields.Type().Field(i).Name,
				f.Kind())
		}
	}
	c := reflect.ValueOf(o.copy()).Elem()
	for i := range fields.NumField() {
		f, name := fields.Field(i), fields.Type().Field(i).Name
		if f.Kind() != reflect.Slice {
			continue
		}
		if c.Field(i).Len() != f.Len() {
			t.Errorf("%s has %d of %d in the copy", name, c.Field(i).Len(), f.Len())
		}
		switch shared := c.Field(i).Pointer() == f.Pointer(); {
		case name == "Timeline" && shared && c.Field(i).Cap() > f.Len():
			t.Error("a line that is added to the copy's timeline shows in the order's")
		case name != "Timeline" && shared:
			t.Errorf("%s of the copy is the order's own", name)
		}
	}
}

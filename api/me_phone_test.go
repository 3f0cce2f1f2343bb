package api_test

import (
	"context"
	"errors"
	"testing"

	"switchboard/api"
	"switchboard/channels"
	"switchboard/inbox"
	"switchboard/store/storetest"
)

// dialler keeps the code that was said to the last number it called.
type dialler struct {
	from, to, code string
	failure        error
}

func (d *dialler) CallOut(_ context.Context, from, to, code string) error {
	d.from, d.to, d.code = from, to, code
	return d.failure
}

func newPhoneDesk(t *testing.T) (*callDesk, *dialler, person) {
	t.Helper()
	phones := &dialler{}
	d := newCallDesk(t, storetest.SQLite(t), nil, func(o *api.Options) { o.Phones = phones })
	return d, phones, d.person(t, inbox.Agent{Name: "Cleo", Seat: true})
}

func TestAPhoneCountsOnceItsCodeIsSaid(t *testing.T) {
	t.Parallel()
	d, phones, cleo := newPhoneDesk(t)
	d.call(t, cleo, "PUT", "/api/v1/me/phone", object{"number": "+49 30 901820"}).want(202)
	if phones.from != callNumber || phones.to != "+4930901820" {
		t.Fatalf("called %s from %s", phones.to, phones.from)
	}
	if agent := must(d.store.Agent(t.Context(), cleo.ID))(t); agent.Phone != "" {
		t.Errorf("%s counts before its code was said", agent.Phone)
	}
	d.call(t, cleo, "POST", "/api/v1/me/phone/verification", object{"code": other(phones.code)}).wantProblem(422, "invalid", "code")
	d.call(t, cleo, "POST", "/api/v1/me/phone/verification", object{"code": phones.code}).want(200)
	if agent := must(d.store.Agent(t.Context(), cleo.ID))(t); agent.Phone != "+4930901820" {
		t.Errorf("the phone is %q", agent.Phone)
	}
	d.call(t, cleo, "DELETE", "/api/v1/me/phone", nil).want(204)
	if agent := must(d.store.Agent(t.Context(), cleo.ID))(t); agent.Phone != "" {
		t.Errorf("%q is still there", agent.Phone)
	}
}

func TestANumberThatCannotBeCalledIsSaid(t *testing.T) {
	t.Parallel()
	d, phones, cleo := newPhoneDesk(t)
	d.call(t, cleo, "PUT", "/api/v1/me/phone", object{"number": "030 901820"}).wantProblem(422, "invalid", "number")
	phones.failure = &channels.SendError{Code: inbox.CodeDeliveryFailed, Outcome: channels.Final, Err: errors.New("21211")}
	d.call(t, cleo, "PUT", "/api/v1/me/phone", object{"number": "+4930901820"}).wantProblem(502, "delivery_failed", "")
	d.call(t, cleo, "PUT", "/api/v1/me/phone", object{"number": "+4930901820"}).wantProblem(429, "rate_limited", "")
}

// other returns a code that is not this one.
func other(code string) string {
	if code == "000000" {
		return "000001"
	}
	return "000000"
}

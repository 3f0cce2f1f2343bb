package api

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestAClientMayTakeHisShareAndLeavesTheRest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMemory(10, 6, time.Minute)
		give, err := m.take(t.Context(), "ada", 6)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := m.take(t.Context(), "ada", 1); !errors.Is(err, errClientsMemory) {
			t.Errorf("more than the share: %v", err)
		}
		if waited := time.Since(began); waited != time.Minute {
			t.Errorf("waited %s", waited)
		}
		if _, err := m.take(t.Context(), "bob", 5); !errors.Is(err, errAllMemory) {
			t.Errorf("more than there is: %v", err)
		}
		if _, err := m.take(t.Context(), "bob", 4); err != nil {
			t.Errorf("what is left: %v", err)
		}
		time.AfterFunc(time.Second, give)
		if _, err := m.take(t.Context(), "cleo", 6); err != nil {
			t.Errorf("what was given back: %v", err)
		}
	})
}

func TestClientsWhoTakeNothingAreForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMemory(10, 6, time.Second)
		var gives []func()
		for _, client := range []string{"ada", "ada", "bob"} {
			give, err := m.take(t.Context(), client, 3)
			if err != nil {
				t.Fatal(err)
			}
			gives = append(gives, give)
		}
		for _, client := range []string{"ada", "bob", "cleo"} {
			if _, err := m.take(t.Context(), client, 3); err == nil {
				t.Errorf("%s has too much", client)
			}
		}
		for _, give := range gives {
			give()
		}
		if len(m.clients) > 0 {
			t.Errorf("still known: %v", m.clients)
		}
		if !m.all.TryAcquire(10) {
			t.Error("something was not given back")
		}
	})
}

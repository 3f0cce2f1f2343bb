package api_test

import (
	"context"
	"net/http"
	"slices"
	"testing"

	"switchboard/api"
	"switchboard/inbox"
	"switchboard/store"
)

func TestQuarantinedMaterialIsReprocessedOnce(t *testing.T) {
	t.Parallel()
	understands := false
	w := newWorld(t, func(o *api.Options) {
		o.Reprocess = map[string]api.Reprocess{"mail": func(_ context.Context, item store.QuarantineItem) error {
			if !understands || string(item.Raw) != "raw" {
				return inbox.Errorf(inbox.CodeInvalid, "The mail has no sender.")
			}
			return nil
		}}
	})
	add := func(source string) string {
		return must(w.store.AddQuarantine(t.Context(), store.QuarantineItem{Source: source, Raw: []byte("raw"), Error: "no sender"}))(t).ID
	}
	known, unknown := add("mail"), add("fax")
	if got := w.call(t, w.admin, "GET", "/api/v1/quarantine", nil).want(http.StatusOK).ids(); !slices.Equal(got, []string{unknown, known}) {
		t.Errorf("list %v", got)
	}
	path := "/api/v1/quarantine/" + known + "/reprocess"
	w.call(t, w.admin, "POST", path, nil).wantProblem(http.StatusUnprocessableEntity, "invalid", "")
	understands = true
	if got := w.call(t, w.admin, "POST", path, nil).want(http.StatusOK).object(); got["reprocessed_at"] == nil {
		t.Errorf("got %v", got)
	}
	w.call(t, w.admin, "POST", path, nil).wantProblem(http.StatusConflict, "conflict", "")
	w.call(t, w.admin, "POST", "/api/v1/quarantine/"+unknown+"/reprocess", nil).wantProblem(http.StatusConflict, "conflict", "")
	if got := w.call(t, w.admin, "GET", "/api/v1/quarantine", nil).ids(); !slices.Equal(got, []string{unknown}) {
		t.Errorf("list %v", got)
	}
}

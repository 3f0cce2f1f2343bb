package fakegraph

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// change is one thing that happened to a folder.
type change struct {
	folder, id string
	// removed is @removed's reason; "" is an item that was added or updated.
	removed string
}

func (s *Server) changed(m *message, removed string) {
	s.changes = append(s.changes, change{m.folder, m.id, removed})
}

// delta is what a token stands for.
type delta struct {
	folder, selected string
	// position is the first change that was not told.
	position int
	// initial: what is gone was never told of.
	initial bool
}

var maxPageSize = regexp.MustCompile(`odata\.maxpagesize=(\d+)`)

// serveDelta is message: delta
// (learn.microsoft.com/graph/api/message-delta).
func (s *Server) serveDelta(w http.ResponseWriter, r *http.Request) {
	folder := r.PathValue("folder")
	if strings.HasPrefix(folder, "mailFolders('") {
		folder = strings.TrimSuffix(strings.TrimPrefix(folder, "mailFolders('"), "')")
	}
	query := r.URL.Query()
	token := query.Get("$skiptoken") + query.Get("$deltatoken")
	at := delta{folder: folder, selected: query.Get("$select"), initial: true}
	if token != "" {
		if len(query) != 1 {
			s.complain(w, "a link was changed: %s", r.URL.RawQuery)
			return
		}
		known := false
		if at, known = s.deltas[token]; !known || at.folder != folder {
			fail(w, http.StatusGone, "syncStateNotFound")
			return
		}
	} else if !s.allowed(w, r, "$select", "$top", "changeType") {
		return
	}
	size := s.pageSize
	if preferred := maxPageSize.FindStringSubmatch(r.Header.Get("Prefer")); preferred != nil {
		n, _ := strconv.Atoi(preferred[1])
		size = min(size, n)
	}
	values, end, more := s.page(at, size)
	next := s.name("T")
	s.deltas[next] = delta{folder, at.selected, end, at.initial && more}
	link, option := "@odata.deltaLink", "$deltatoken="
	if more {
		link, option = "@odata.nextLink", "$skiptoken="
	}
	answer(w, http.StatusOK, map[string]any{
		"value": values,
		link:    s.URL + "/me/mailFolders('" + folder + "')/messages/delta?" + option + next,
	})
}

// page lists the items that changed from a position on, each in its last state,
// up to a number of them; end is the position after them.
func (s *Server) page(at delta, size int) (values []map[string]any, end int, more bool) {
	values = []map[string]any{}
	for i := at.position; i < len(s.changes); i++ {
		c := s.changes[i]
		later := slices.ContainsFunc(s.changes[i+1:], func(other change) bool { return other.folder == c.folder && other.id == c.id })
		if c.folder != at.folder || later || c.removed != "" && at.initial {
			continue
		}
		if len(values) == size {
			return values, i, true
		}
		if c.removed != "" {
			values = append(values, map[string]any{"id": c.id, "@removed": map[string]string{"reason": c.removed}})
			continue
		}
		values = append(values, s.selected(s.messages[c.id], at.selected))
	}
	return values, len(s.changes), false
}

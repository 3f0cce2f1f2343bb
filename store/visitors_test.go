package store_test

import (
	"strings"
	"sync"
	"testing"

	"switchboard/inbox"
	"switchboard/store"
)

// visitorWith is whom a first token belongs to.
func visitorWith(token string) store.Visitor {
	cookie := inbox.CookieIdentity(token)
	return store.Visitor{ThreadKey: "thread " + token, Cookie: cookie, Token: cookie.Value}
}

func TestAReplacedTokenEndsWhenTheNextIsUsedOrAtLast(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel, first, next := t.Context(), newChannel(t, s), visitorWith("a"), visitorWith("b")
		identify := func(next store.Visitor) {
			t.Helper()
			is := must(s.IdentifyVisitor(ctx, store.VisitorIdentification{
				ChannelID: channel.ID, Visitor: first, Claimed: []inbox.Identity{graceMail}, Next: next.Token, At: noon,
			}))(t)
			if is != store.TokenReplaced {
				t.Fatalf("the token is %s", is)
			}
		}
		_, err := s.VisitorByToken(ctx, next, true, noon)
		wantCode(t, err, inbox.CodeUnauthorized)
		identify(next)
		must(s.VisitorByToken(ctx, first, false, noon.Add(store.TokenOverlap-1)))(t)
		_, err = s.VisitorByToken(ctx, first, false, noon.Add(store.TokenOverlap))
		wantCode(t, err, inbox.CodeUnauthorized)
		// However many requests use it first, it is one visitor with the first thread.
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if got, err := s.VisitorByToken(ctx, next, true, noon); err != nil || got.ThreadKey != first.ThreadKey || got.Cookie != first.Cookie {
					t.Errorf("%+v, %v", got, err)
				}
			})
		}
		wg.Wait()
		_, err = s.VisitorByToken(ctx, first, false, noon)
		wantCode(t, err, inbox.CodeUnauthorized)
	})
}

// Two pages identify at once: one token wins, and the thread is never lost to both.
func TestOfTwoTokensAnsweredAtOnceOneGoesOn(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel, first := t.Context(), newChannel(t, s), visitorWith("a")
		nexts := []store.Visitor{visitorWith("b"), visitorWith("c")}
		var wg sync.WaitGroup
		for _, next := range nexts {
			wg.Go(func() {
				_, err := s.IdentifyVisitor(ctx, store.VisitorIdentification{
					ChannelID: channel.ID, Visitor: first, Verified: graceMail, Next: next.Token, At: noon,
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		opened := 0
		for _, next := range nexts {
			if _, err := s.VisitorByToken(ctx, next, true, noon); err == nil {
				opened++
			}
		}
		if opened != 1 {
			t.Errorf("%d tokens open the thread, want one", opened)
		}
	})
}

func TestAnErasedVisitorsTokensAreForgotten(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, s *store.Store) {
		ctx, channel, first, next := t.Context(), newChannel(t, s), visitorWith("a"), visitorWith("b")
		must(s.IdentifyVisitor(ctx, store.VisitorIdentification{
			ChannelID: channel.ID, Visitor: first, Verified: graceMail, Next: next.Token, At: noon,
		}))(t)
		must(s.VisitorByToken(ctx, next, true, noon))(t)
		contact := must(s.ContactByIdentity(ctx, graceMail))(t)
		if err := s.EraseContact(ctx, contact.ID); err != nil {
			t.Fatal(err)
		}
		for table, rows := range store.Dump(t, s) {
			if strings.Contains(rows, first.Cookie.Value) || strings.Contains(rows, next.Token) {
				t.Errorf("%s still knows the visitor: %s", table, rows)
			}
		}
		_, err := s.VisitorByToken(ctx, next, true, noon)
		wantCode(t, err, inbox.CodeUnauthorized)
	})
}

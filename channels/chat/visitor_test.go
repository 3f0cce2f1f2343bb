package chat_test

import (
	"strings"
	"testing"

	"switchboard/channels/chat"
)

func TestATokenIsGoodInItsChannelOnly(t *testing.T) {
	t.Parallel()
	token := chat.NewVisitorToken("a")
	if !chat.IsVisitorToken("a", token) {
		t.Error("an issued token is not known")
	}
	if chat.IsVisitorToken("b", token) {
		t.Error("a token is known in another channel")
	}
	if chat.NewVisitorToken("a") == token {
		t.Error("two visitors have one token")
	}
	swapped := "A" + token[1:]
	if swapped == token {
		swapped = "B" + token[1:]
	}
	for _, made := range []string{"", "x", strings.Repeat("A", len(token)), token + "A", token[1:], token + "\n", swapped} {
		if chat.IsVisitorToken("a", made) {
			t.Errorf("the made-up token %q is known", made)
		}
	}
}

func TestAThreadBelongsToOneVisitorInOneChannel(t *testing.T) {
	t.Parallel()
	key := chat.ThreadKey("a", "token")
	if key == chat.ThreadKey("b", "token") || key == chat.ThreadKey("a", "other") || strings.Contains(key, "token") {
		t.Error("threads are not apart")
	}
	if got := chat.ClientID(key, chat.MessageKey(key, "m:1")); got != "m:1" {
		t.Errorf("client id is %q", got)
	}
	if got := chat.ClientID(key, chat.MessageKey(chat.ThreadKey("b", "token"), "m1")); got != "" {
		t.Errorf("another thread's message has the client id %q", got)
	}
}

package messenger_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchboard/channels"
	"switchboard/channels/messenger"
	"switchboard/inbox"
	"switchboard/test/standins/fakemessenger"
)

func TestAContactIsCalledWhatFacebookSays(t *testing.T) {
	t.Parallel()
	channel, facebook := strict(t, time.Hour)
	conversation := inbox.Conversation{ThreadKey: messenger.ThreadKey("100", "200")}
	ask := func() (string, error) { return channel.Name(t.Context(), inbox.Channel{ID: "channel"}, conversation) }
	name, err := ask()
	require.NoError(t, err)
	require.Empty(t, name, "a profile may hold nothing")
	facebook.Knows("200", fakemessenger.Person{FirstName: " Grace\u202E ", LastName: "Hopper"})
	name, err = ask()
	require.NoError(t, err)
	require.Equal(t, "Grace Hopper", name)

	asked := facebook.Asked(fakemessenger.People)
	for _, thread := range []string{"erased:1", "999:200", ""} {
		conversation.ThreadKey = thread
		name, err = ask()
		require.NoError(t, err)
		require.Empty(t, name, thread)
	}
	require.Equal(t, asked, facebook.Asked(fakemessenger.People), "nobody is asked about them")
}

func TestWhoCannotBeAskedAboutIsAskedAboutLaterOrNever(t *testing.T) {
	t.Parallel()
	channel, facebook := strict(t, time.Hour)
	for failure, want := range map[fakemessenger.Failure]channels.Outcome{
		{Status: http.StatusBadRequest, Code: 100, Subcode: 33}: channels.Final,
		{Status: http.StatusBadRequest, Code: 613}:              channels.Retry,
		{Status: http.StatusInternalServerError}:                channels.Retry,
		{Drop: true}:                                            channels.Retry,
	} {
		facebook.Refuse(fakemessenger.People, failure)
		_, err := channel.Name(t.Context(), inbox.Channel{ID: "channel"}, inbox.Conversation{ThreadKey: messenger.ThreadKey("100", "200")})
		require.Equal(t, want, failureOf(t, err).Outcome, "%+v", failure)
		require.NotContains(t, err.Error(), "200", "the id is the person's")
	}
}

var _ channels.Namer = (*messenger.Channel)(nil)

package channels_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"switchboard/channels"
)

func TestPhoneNumbersAreReadWithTheirCountry(t *testing.T) {
	t.Parallel()
	for text, number := range map[string]string{
		"+15551234567":       "+15551234567",
		" +1 (555) 123-4567": "+15551234567",
		"+49 30 123456":      "+4930123456",
		"15551234567":        "", // which country's?
		"0049 30 123456":     "",
		"+1":                 "",
		"+999 123456789":     "",
		"US.1349120865530":   "",
		"call +15551234567":  "",
		"Anonymous":          "",
		"":                   "",
	} {
		got, ok := channels.PhoneNumber(text)
		require.Equal(t, number, got, text)
		require.Equal(t, number != "", ok, text)
	}
}

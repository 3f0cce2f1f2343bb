package twilio

import "encoding/hex"

// Hasty has the client ask again at once.
func (c *Client) Hasty() *Client {
	for i := range c.spreads {
		c.spreads[i] = 0
	}
	return c
}

// SignMedia signs with a key of the caller's.
func SignMedia(key, attachmentID, expires string) string {
	return hex.EncodeToString(sign([]byte(key), attachmentID, expires))
}

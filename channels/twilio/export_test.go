package twilio

// Hasty has the client ask again at once.
func (c *Client) Hasty() *Client {
	for i := range c.spreads {
		c.spreads[i] = 0
	}
	return c
}

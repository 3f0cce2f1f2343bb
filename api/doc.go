// Package api serves the contract in openapi.yaml over HTTP: the agents' and
// admins' half, the public half of forms and chats, live events, health. It
// checks who asks and what is asked, reads and writes the store, and leaves
// every decision to the conversation's workflow.
package api

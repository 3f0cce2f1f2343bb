// Package inbox holds Switchboard's nouns: conversations, channels, contacts,
// agents, teams, tickets, and the error codes a user can meet. It imports the
// standard library only; every other package may import it.
//
// Ids are UUIDv7 strings; "" means none. Times are UTC; the zero time means
// none. Structs that are stored as JSON or travel through Temporal carry json
// tags and hold ids, never names, addresses or text (feature B12).
package inbox

// Package routing decides: who answers a conversation, when somebody is open,
// what a provider's window allows, whether a ticket is made. Every function is
// pure: the caller loads the facts and passes the time, and a decision carries
// its reasons (B6).
//
// Time zones come from the time package; a program that uses routing imports
// time/tzdata so that they are there on every machine.
package routing

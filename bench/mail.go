package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/emersion/go-smtp"

	"switchboard/channels/email"
	"switchboard/inbox"
	"switchboard/store"
)

// mailConnections is how many connections bring mail at once.
const mailConnections = 16

// benchMail measures mail that comes in by SMTP: until it is accepted, and until
// the last one is assigned and has its ticket.
func benchMail(ctx context.Context, r *rig, mails int) error {
	to := email.HostedAddress(r.mailbox.HostedToken, r.mailDomain)
	connections := make(chan *smtp.Client, mailConnections)
	for range mailConnections {
		client, err := smtp.Dial(r.server.SMTPAddress())
		if err != nil {
			return err
		}
		defer client.Close()
		connections <- client
	}
	before := r.tickets.total()
	began := time.Now()
	accepted, err := measure(ctx, mails, mailConnections, func(_ context.Context, i int) error {
		client := <-connections
		defer func() { connections <- client }()
		from := fmt.Sprintf("writer%d@bench.example", i)
		return client.SendMail(from, []string{to}, strings.NewReader(fmt.Sprintf(
			"From: Writer %[1]d <%[2]s>\r\nTo: %[3]s\r\nSubject: It is broken\r\nMessage-ID: <mail%[1]d@bench.example>\r\n\r\nIt flickers.\r\n",
			i, from, to)))
	})
	if err != nil {
		return err
	}
	if err := r.tickets.awaitTotal(ctx, before+mails); err != nil {
		return err
	}
	assigned := float64(mails) / time.Since(began).Seconds()
	fmt.Printf("\n| %d mails at %d connections | rate | p50 | p99 |\n|---|---|---|---|\n", mails, mailConnections)
	fmt.Printf("| from connection to accepted | %.0f/s | %s | %s |\n", accepted.rate(), milliseconds(accepted.percentile(50)), milliseconds(accepted.percentile(99)))
	fmt.Printf("| from connection to assigned with ticket | %.0f/s | | |\n", assigned)
	return nil
}

// mailChannel makes an e-mail channel that assigns like another channel.
func mailChannel(ctx context.Context, s *store.Store, like inbox.Channel) (inbox.Channel, error) {
	settings, err := new(email.Channel).CheckSettings(json.RawMessage(`{}`))
	if err != nil {
		return inbox.Channel{}, err
	}
	return s.CreateChannel(ctx, inbox.Channel{
		InboxID: like.InboxID, Kind: inbox.KindEmail, Name: "Mail", Enabled: true, State: inbox.ChannelConnected,
		Assignment: like.Assignment, Tickets: like.Tickets, Settings: settings,
	})
}

package story

import "time"

// Subscription is what is known of a feed's subscription at a WebSub hub. It is shared by all replicas, since the hub's
// calls reach any of them.
type Subscription struct {
	Feed     ID        `json:"feed"`
	State    string    `json:"state"` // one of the states below; empty for none
	Hub      string    `json:"hub"`
	Topic    string    `json:"topic"`
	Callback string    `json:"callback"` // as the hub was given it
	Token    string    `json:"token"`    // last part of Callback: who knows it is the hub
	Secret   string    `json:"secret"`   // deliveries are signed with it
	AskedAt  time.Time `json:"asked_at,omitzero"`
	Since    time.Time `json:"since,omitzero"` // when the hub last verified it
	Until    time.Time `json:"until,omitzero"` // end of the lease
	PushedAt time.Time `json:"pushed_at,omitzero"`
	Failures int       `json:"failures,omitempty"` // of requests to the hub, in a row
	Reason   string    `json:"reason,omitempty"`   // of the last failure, or of the denial
}

// States of a subscription.
const (
	SubPending = "pending" // asked for and not verified yet
	SubActive  = "active"
	SubDenied  = "denied"
	SubLeaving = "leaving" // the end is asked for and not verified yet
)

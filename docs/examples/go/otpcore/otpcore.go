// SPDX-License-Identifier: Apache-2.0

// Package otpcore is one-time codes for the Members of an Organization, over otpcore's C interface.
//
//	config, err := otpcore.NewConfig(otpcore.Settings{Keys: map[uint32][]byte{1: key}, Policy: otpcore.Fields{{"brand", "Acme"}}})
//	engine := otpcore.NewEngine(config, ports)
//	reply, err := engine.Run(ctx, "send_sms_otp", otpcore.Fields{{"organization_id", "acme"}, {"member_id", "ada"}})
//	if err != nil { ... }            // the host's mistake: no such command or field
//	if !reply.OK() { log(reply.ErrorType, reply.RetryAfter) }
//
// The library performs no I/O: an Engine calls the methods of a Ports. Commands and fields have the names of
// otpcore/c/otpcore.h. A Config and an Engine are safe for concurrent use when the Ports are.
//
// Build with CGO_CFLAGS and CGO_LDFLAGS that name the header and libotpcore_c, as
// pkg-config --static otpcore-c prints them.
package otpcore

/*
#include <stdlib.h>
#include "otpcore/c/otpcore.h"
*/
import "C"

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"sort"
	"time"
	"unsafe"
)

// Field is one field of a request or a setting; a list is several fields of one name.
type Field struct{ Name, Value string }

// Fields keep their order.
type Fields []Field

// ---- What a host brings ----

// Record is what a store has under a key.
type Record struct {
	Revision uint64
	Bytes    []byte
}

// Write is one conditional write of a commit.
type Write struct {
	Key      []byte
	Expected uint64 // revision; 0: the key must be free
	Record   []byte // empty: delete
}

// Outcome of a commit.
type Outcome int

const (
	Committed     Outcome = C.OTPCORE_COMMITTED
	Conflict      Outcome = C.OTPCORE_CONFLICT       // some revision was another: nothing was applied
	NotCommitted  Outcome = C.OTPCORE_NOT_COMMITTED  // surely nothing was applied
	CommitUnknown Outcome = C.OTPCORE_COMMIT_UNKNOWN // anything else, above all a time-out
)

// SessionKind says what names a session.
type SessionKind int

const (
	IntermediateToken SessionKind = C.OTPCORE_INTERMEDIATE_TOKEN
	SessionToken      SessionKind = C.OTPCORE_SESSION_TOKEN
	SessionJWT        SessionKind = C.OTPCORE_SESSION_JWT
)

// Factors that a session has shown, summed up.
const (
	HostPrimary  uint32 = C.OTPCORE_HOST_PRIMARY
	Email        uint32 = C.OTPCORE_EMAIL
	SMS          uint32 = C.OTPCORE_SMS
	TOTP         uint32 = C.OTPCORE_TOTP
	RecoveryCode uint32 = C.OTPCORE_RECOVERY_CODE
)

// Session is what commands read of one.
type Session struct {
	OrganizationID, MemberID, SessionID string
	Factors                             uint32
	EmailAddress                        string // that its e-mail factor proved; of a session of no Member the ids are empty
}

// SessionEffect is what a success does to a session.
type SessionEffect struct {
	Kind                     string // "create", "create_intermediate", "upgrade" or "extend"
	SessionKind              SessionKind
	Session                  string
	OrganizationID, MemberID string
	Duration                 time.Duration
	Factor                   uint32
	FactorID, Address        string
}

// Message is a passcode on its way to a person. Text and Passcode are secret: its String is empty of them.
type Message struct {
	ChallengeID                         [16]byte // the idempotency key
	OrganizationID, MemberID            string
	Channel, To, Locale, Text, Passcode string
	Brand                               string
	Minutes                             int
	ExpiresAt                           time.Time
	// Of the channel "email"; else empty. Purpose is "login" or "signup".
	Subject, TemplateID, Purpose string
}

// String hides the secrets.
func (m Message) String() string { return fmt.Sprintf("message %x", m.ChallengeID) }

// GoString does as String.
func (m Message) GoString() string { return m.String() }

// Delivery is what became of a message.
type Delivery int

const (
	Accepted        Delivery = C.OTPCORE_ACCEPTED
	Rejected        Delivery = C.OTPCORE_REJECTED         // this number will not get it
	Unavailable     Delivery = C.OTPCORE_UNAVAILABLE      // surely not sent
	DeliveryUnknown Delivery = C.OTPCORE_DELIVERY_UNKNOWN // perhaps sent
	Unsubscribed    Delivery = 5                          // rejected, because the person opted out
)

// Quota that a send needs; see otpcore/plan/outcome.h.
type Quota struct {
	Subject, Max, MinEnded   int
	Window, Life             time.Duration
	OrganizationID, MemberID []byte
	Address, Region          string
	Replaces                 [16]byte
}

// Admission is the guard's answer.
type Admission struct {
	Kind       int // 0 admitted, 1 too many, 2 too few authenticated
	RetryAfter time.Duration
}

// Ports are what a host brings. An error counts as no answer: of Commit and Deliver it is "unknown".
type Ports interface {
	// Load returns the records that are there, by the index of their key, and the store's epoch, which changes
	// when the store was restored from a backup.
	Load(ctx context.Context, keys [][]byte) (map[int]Record, uint64, error)
	Commit(ctx context.Context, writes []Write, message *Message) (Outcome, error)
	// FindSession returns nil for a session that is gone.
	FindSession(ctx context.Context, kind SessionKind, value string) (*Session, error)
	ChangeSession(ctx context.Context, effect SessionEffect) error
	Admit(ctx context.Context, id [16]byte, quotas []Quota) (Admission, error)
	Settle(ctx context.Context, id [16]byte, spent bool)
	Deliver(ctx context.Context, message Message) (Delivery, error)
}

// ---- Configuration ----

// Settings of otpcore_config_set, and 32-byte keys by their ids; the greatest id makes new digests.
type Settings struct {
	Keys, SealingKeys map[uint32][]byte
	Policy            Fields
}

// Config is policy, messages and keys, checked together.
type Config struct{ handle *C.otpcore_config }

// NewConfig says in its error what makes no sense.
func NewConfig(settings Settings) (*Config, error) {
	config := &Config{C.otpcore_config_new()}
	if config.handle == nil {
		return nil, errors.New("otpcore: no memory")
	}
	runtime.SetFinalizer(config, func(c *Config) { C.otpcore_config_free(c.handle) })
	for _, field := range settings.Policy {
		name, value := C.CString(field.Name), C.CString(field.Value)
		code := C.otpcore_config_set(config.handle, name, value, C.size_t(len(field.Value)))
		C.free(unsafe.Pointer(name))
		C.free(unsafe.Pointer(value))
		if code != C.OTPCORE_OK {
			return nil, fmt.Errorf("otpcore: %s: %s", field.Name, reason(code))
		}
	}
	if err := addKeys(settings.Keys, func(id C.uint32_t, key *C.uint8_t) C.otpcore_code {
		return C.otpcore_config_add_key(config.handle, id, key)
	}); err != nil {
		return nil, err
	}
	if err := addKeys(settings.SealingKeys, func(id C.uint32_t, key *C.uint8_t) C.otpcore_code {
		return C.otpcore_config_add_sealing_key(config.handle, id, key)
	}); err != nil {
		return nil, err
	}
	var problem C.otpcore_view
	if C.otpcore_config_seal(config.handle, &problem) != C.OTPCORE_OK {
		return nil, errors.New("otpcore: " + text(problem))
	}
	return config, nil
}

func addKeys(keys map[uint32][]byte, add func(C.uint32_t, *C.uint8_t) C.otpcore_code) error {
	ids := make([]uint32, 0, len(keys))
	for id, key := range keys {
		if len(key) != 32 {
			return errors.New("otpcore: a key has 32 bytes")
		}
		ids = append(ids, id)
	}
	sort.Slice(ids, func(i, j int) bool { return ids[i] < ids[j] })
	for _, id := range ids {
		if code := add(C.uint32_t(id), (*C.uint8_t)(&keys[id][0])); code != C.OTPCORE_OK {
			return errors.New("otpcore: " + reason(code))
		}
	}
	return nil
}

// ---- Commands ----

// Reply is how a command ended.
type Reply struct {
	Code       int    // 0: success; else a number of docs/errors.md
	ErrorType  string // the wire name; "" for success
	Message    string // for a developer
	HTTPStatus int
	RetryAfter time.Duration   // 0: waiting does not help
	Body       json.RawMessage // the response by its wire names; may hold secrets
	Events     json.RawMessage // for the audit log
	SendsLeft  int
	TriesLeft  int
}

// OK tells whether the command succeeded.
func (r *Reply) OK() bool { return r.Code == 0 }

// Engine runs commands.
type Engine struct {
	config *Config
	ports  Ports
}

// NewEngine keeps config and ports.
func NewEngine(config *Config, ports Ports) *Engine { return &Engine{config, ports} }

// Run runs one command that is not repeatable.
func (e *Engine) Run(ctx context.Context, command string, fields Fields) (*Reply, error) {
	return e.run(ctx, command, nil, fields)
}

// RunOnce runs one command under an id that is the same for each retry of this request.
func (e *Engine) RunOnce(ctx context.Context, id [16]byte, command string, fields Fields) (*Reply, error) {
	return e.run(ctx, command, (*C.uint8_t)(&id[0]), fields)
}

func (e *Engine) run(ctx context.Context, command string, id *C.uint8_t, fields Fields) (*Reply, error) {
	defer runtime.KeepAlive(e.config)
	name := C.CString(command)
	op := C.otpcore_op_new(e.config.handle, name, id)
	C.free(unsafe.Pointer(name))
	if op == nil {
		return nil, fmt.Errorf("otpcore: there is no command %s", command)
	}
	defer C.otpcore_op_free(op)
	for _, field := range fields {
		name, value := C.CString(field.Name), C.CString(field.Value)
		code := C.otpcore_op_set(op, name, value, C.size_t(len(field.Value)))
		wipe(value, len(field.Value))
		C.free(unsafe.Pointer(name))
		C.free(unsafe.Pointer(value))
		if code != C.OTPCORE_OK {
			return nil, fmt.Errorf("otpcore: %s: %s", field.Name, reason(code))
		}
	}
	o := operation{op, ctx, e.ports}
	for {
		need := C.otpcore_need{struct_size: C.sizeof_otpcore_need}
		if code := C.otpcore_op_next(op, &need); code != C.OTPCORE_OK {
			return nil, errors.New("otpcore: " + reason(code))
		}
		var code C.otpcore_code
		switch need.kind {
		case C.OTPCORE_LOAD:
			code = o.load(&need)
		case C.OTPCORE_ADMIT:
			code = o.admit(&need)
		case C.OTPCORE_COMMIT:
			code = o.commit(&need)
		case C.OTPCORE_SESSION:
			code = o.changeSession()
		case C.OTPCORE_DELIVER:
			code = o.deliver()
		case C.OTPCORE_SETTLE:
			o.ports.Settle(ctx, array(need.id), need.spent != 0)
			code = C.otpcore_op_settled(op)
		case C.OTPCORE_DONE:
			return o.reply()
		}
		if code != C.OTPCORE_OK {
			return nil, errors.New("otpcore: " + reason(code))
		}
	}
}

type operation struct {
	op    *C.otpcore_op
	ctx   context.Context
	ports Ports
}

func (o operation) load(need *C.otpcore_need) C.otpcore_code {
	keys := make([][]byte, need.count)
	for i := range keys {
		var key C.otpcore_view
		C.otpcore_op_key(o.op, C.uint32_t(i), &key)
		keys[i] = bytes(key)
	}
	kind, value := need.session_kind, text(need.session)
	var epoch uint64
	var err error
	if len(keys) > 0 {
		var records map[int]Record
		records, epoch, err = o.ports.Load(o.ctx, keys)
		for i, record := range records {
			if err != nil || len(record.Bytes) == 0 {
				continue
			}
			if C.otpcore_op_record(o.op, C.uint32_t(i), C.uint64_t(record.Revision),
				(*C.char)(unsafe.Pointer(&record.Bytes[0])), C.size_t(len(record.Bytes))) != C.OTPCORE_OK {
				err = errors.New("a record that otpcore did not write")
			}
		}
	}
	if err == nil && kind != C.OTPCORE_NO_SESSION {
		var session *Session
		session, err = o.ports.FindSession(o.ctx, SessionKind(kind), value)
		if err == nil && session != nil {
			o.give(session)
		}
	}
	entropy := make([]byte, need.entropy_size+1) // never empty: its address is taken
	_, drawn := rand.Read(entropy)
	var drawnBytes *C.uint8_t
	if drawn == nil {
		drawnBytes = (*C.uint8_t)(&entropy[0])
	}
	return C.otpcore_op_loaded(o.op, truth(err == nil), C.int64_t(time.Now().UnixMilli()),
		C.uint64_t(epoch), drawnBytes, need.entropy_size)
}

// give copies the session into C's memory: C keeps no pointer into Go's.
func (o operation) give(session *Session) {
	c := (*C.otpcore_session)(C.calloc(1, C.sizeof_otpcore_session))
	defer C.free(unsafe.Pointer(c))
	c.struct_size = C.sizeof_otpcore_session
	for _, one := range []struct {
		view *C.otpcore_view
		text string
	}{{&c.organization_id, session.OrganizationID}, {&c.member_id, session.MemberID}, {&c.session_id, session.SessionID},
		{&c.email_address, session.EmailAddress}} {
		copied := C.CString(one.text)
		defer C.free(unsafe.Pointer(copied))
		*one.view = C.otpcore_view{data: copied, size: C.size_t(len(one.text))}
	}
	c.factors = C.uint32_t(session.Factors)
	C.otpcore_op_session(o.op, c)
}

func (o operation) admit(need *C.otpcore_need) C.otpcore_code {
	quotas := make([]Quota, need.count)
	for i := range quotas {
		q := C.otpcore_quota{struct_size: C.sizeof_otpcore_quota}
		C.otpcore_op_quota(o.op, C.uint32_t(i), &q)
		quotas[i] = Quota{int(q.subject), int(q.max), int(q.min_ended), millis(q.window_ms), millis(q.life_ms),
			bytes(q.organization_id), bytes(q.member_id), text(q.address), text(q.region), array(q.replaces)}
	}
	admission, err := o.ports.Admit(o.ctx, array(need.id), quotas)
	if err != nil {
		admission.Kind = C.OTPCORE_GUARD_UNREACHABLE
	}
	return C.otpcore_op_admitted(o.op, C.int32_t(admission.Kind), C.int64_t(admission.RetryAfter.Milliseconds()))
}

func (o operation) commit(need *C.otpcore_need) C.otpcore_code {
	writes := make([]Write, need.count)
	for i := range writes {
		w := C.otpcore_write{struct_size: C.sizeof_otpcore_write}
		C.otpcore_op_write(o.op, C.uint32_t(i), &w)
		writes[i] = Write{bytes(w.key), uint64(w.expected), bytes(w.record)}
	}
	var message *Message
	if need.has_message != 0 {
		message = o.message()
	}
	outcome, err := o.ports.Commit(o.ctx, writes, message)
	if err != nil {
		outcome = CommitUnknown
	}
	return C.otpcore_op_committed(o.op, C.int32_t(outcome))
}

func (o operation) changeSession() C.otpcore_code {
	e := C.otpcore_session_effect{struct_size: C.sizeof_otpcore_session_effect}
	C.otpcore_op_session_effect(o.op, &e)
	kinds := [...]string{"", "create", "create_intermediate", "upgrade", "extend"}
	err := o.ports.ChangeSession(o.ctx, SessionEffect{kinds[e.kind], SessionKind(e.session_kind), text(e.session),
		text(e.organization_id), text(e.member_id), millis(e.duration_ms), uint32(e.factor), text(e.factor_id), text(e.address)})
	return C.otpcore_op_session_applied(o.op, truth(err == nil))
}

func (o operation) deliver() C.otpcore_code {
	delivery, err := o.ports.Deliver(o.ctx, *o.message())
	if err != nil {
		delivery = DeliveryUnknown
	}
	unsubscribed := delivery == Unsubscribed
	if unsubscribed {
		delivery = Rejected
	}
	return C.otpcore_op_delivered(o.op, C.int32_t(delivery), truth(unsubscribed))
}

func (o operation) message() *Message {
	m := C.otpcore_message{struct_size: C.sizeof_otpcore_message}
	C.otpcore_op_message(o.op, &m)
	return &Message{array(m.challenge_id), text(m.organization_id), text(m.member_id), text(m.channel), text(m.to),
		text(m.locale), text(m.text), text(m.passcode), text(m.brand), int(m.minutes),
		time.UnixMilli(int64(m.expires_at_ms)), text(m.subject), text(m.template_id), text(m.purpose)}
}

func (o operation) reply() (*Reply, error) {
	r := C.otpcore_reply{struct_size: C.sizeof_otpcore_reply}
	if code := C.otpcore_op_reply(o.op, &r); code != C.OTPCORE_OK {
		return nil, errors.New("otpcore: " + reason(code))
	}
	reply := &Reply{Code: int(r.code), HTTPStatus: 200, RetryAfter: millis(r.retry_after_ms), Body: bytes(r.json),
		Events: bytes(r.events), SendsLeft: int(r.sends_left), TriesLeft: int(r.tries_left)}
	if r.code != C.OTPCORE_OK {
		info := C.otpcore_error_info{struct_size: C.sizeof_otpcore_error_info}
		C.otpcore_describe(r.code, &info)
		reply.ErrorType, reply.Message, reply.HTTPStatus = text(info.error_type), text(info.message), int(info.http_status)
		if r.detail.size > 0 {
			reply.Message += " (" + text(r.detail) + ")"
		}
	}
	return reply, nil
}

// ---- C's values ----

func text(v C.otpcore_view) string { return C.GoStringN(v.data, C.int(v.size)) }
func bytes(v C.otpcore_view) []byte {
	return C.GoBytes(unsafe.Pointer(v.data), C.int(v.size))
}
func millis(ms C.int64_t) time.Duration { return time.Duration(ms) * time.Millisecond }
func truth(b bool) C.int {
	if b {
		return 1
	}
	return 0
}
func array(c [16]C.uint8_t) (a [16]byte) {
	for i := range a {
		a[i] = byte(c[i])
	}
	return a
}
func wipe(p *C.char, size int) {
	for i := range unsafe.Slice((*byte)(unsafe.Pointer(p)), size) {
		unsafe.Slice((*byte)(unsafe.Pointer(p)), size)[i] = 0
	}
}

func reason(code C.otpcore_code) string {
	switch code {
	case C.OTPCORE_NO_MEMORY:
		return "no memory"
	case C.OTPCORE_UNKNOWN_NAME:
		return "there is no such field or setting"
	case C.OTPCORE_BAD_VALUE:
		return "it cannot have this value"
	case C.OTPCORE_NO_ACTOR:
		return `this command needs the field actor, "host" or "person"`
	}
	return "not now, or out of range"
}

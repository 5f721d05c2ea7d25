// SPDX-License-Identifier: Apache-2.0

package otpcore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// memoryPorts are ports in memory. fail names the method that returns an error.
type memoryPorts struct {
	mutex    sync.Mutex
	records  map[string]Record // one without bytes is deleted
	sessions map[string]Session
	messages []Message
	delivery Delivery
	fail     string
}

var errGone = errors.New("gone")

func (p *memoryPorts) failing(name string) error {
	if p.fail == name {
		return errGone
	}
	return nil
}

func (p *memoryPorts) Load(_ context.Context, keys [][]byte) (map[int]Record, uint64, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	found := map[int]Record{}
	for i, key := range keys {
		if record := p.records[string(key)]; len(record.Bytes) > 0 {
			found[i] = record
		}
	}
	return found, 0, p.failing("Load")
}

func (p *memoryPorts) Commit(_ context.Context, writes []Write, _ *Message) (Outcome, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, write := range writes {
		record := p.records[string(write.Key)]
		revision := record.Revision
		if len(record.Bytes) == 0 {
			revision = 0
		}
		if revision != write.Expected {
			return Conflict, nil
		}
	}
	for _, write := range writes {
		p.records[string(write.Key)] = Record{p.records[string(write.Key)].Revision + 1, write.Record}
	}
	return Committed, p.failing("Commit")
}

func (p *memoryPorts) FindSession(_ context.Context, _ SessionKind, value string) (*Session, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if session, ok := p.sessions[value]; ok {
		return &session, p.failing("FindSession")
	}
	return nil, p.failing("FindSession")
}

func (p *memoryPorts) ChangeSession(_ context.Context, effect SessionEffect) error {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	// One to be created has no token yet: whoever ran the command makes it.
	if _, ok := p.sessions[effect.Session]; !ok && effect.Session != "" {
		return errGone
	}
	if effect.Kind != "extend" {
		delete(p.sessions, effect.Session)
	}
	return p.failing("ChangeSession")
}

func (p *memoryPorts) Admit(context.Context, [16]byte, []Quota) (Admission, error) {
	return Admission{}, p.failing("Admit")
}
func (p *memoryPorts) Settle(context.Context, [16]byte, bool) {}

func (p *memoryPorts) Deliver(_ context.Context, message Message) (Delivery, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.messages = append(p.messages, message)
	return p.delivery, p.failing("Deliver")
}

func (p *memoryPorts) code() string { return p.messages[len(p.messages)-1].Passcode }

func key(first byte) []byte {
	bytes := make([]byte, 32)
	for i := range bytes {
		bytes[i] = first + byte(i)
	}
	return bytes
}

var ada = Fields{{"organization_id", "acme"}, {"member_id", "ada"}}

const number = "+14155550123"

func with(fields Fields, more ...Field) Fields { return append(append(Fields{}, fields...), more...) }

func newWorld(t *testing.T) (*Engine, *memoryPorts) {
	t.Helper()
	config, err := NewConfig(Settings{Keys: map[uint32][]byte{1: key(0)}})
	if err != nil {
		t.Fatal(err)
	}
	ports := &memoryPorts{records: map[string]Record{}, sessions: map[string]Session{}, delivery: Accepted}
	engine := NewEngine(config, ports)
	run(t, engine, "create_organization", Fields{{"organization_id", "acme"}, {"organization_name", "Acme"}})
	run(t, engine, "create_member", with(ada, Field{"email_address", "ada@example.com"}))
	ports.sessions["t0ken"] = Session{OrganizationID: "acme", MemberID: "ada", SessionID: "session-1", Factors: HostPrimary}
	return engine, ports
}

func run(t *testing.T, engine *Engine, command string, fields Fields) *Reply {
	t.Helper()
	reply, err := engine.Run(context.Background(), command, fields)
	if err != nil {
		t.Fatal(err)
	}
	if !reply.OK() {
		t.Fatalf("%s: %s", command, reply.Message)
	}
	return reply
}

func TestSignsIn(t *testing.T) {
	engine, ports := newWorld(t)
	sent := run(t, engine, "send_sms_otp", with(ada, Field{"mfa_phone_number", number}, Field{"locale", "de"}))
	if sent.SendsLeft != 4 || ports.messages[0].Locale != "de-DE" || !strings.Contains(ports.messages[0].Text, ports.code()) {
		t.Error(sent.SendsLeft, ports.messages[0].Locale)
	}
	proved := run(t, engine, "authenticate_sms_otp", with(ada, Field{"code", ports.code()},
		Field{"intermediate_session_token", "t0ken"}))
	var body struct {
		Member struct {
			Verified bool `json:"mfa_phone_number_verified"`
		}
	}
	if err := json.Unmarshal(proved.Body, &body); err != nil || !body.Member.Verified {
		t.Error(err, string(proved.Body))
	}
	if len(ports.sessions) != 0 {
		t.Error("the token is not consumed")
	}
}

func TestSignsInByEmail(t *testing.T) {
	engine, ports := newWorld(t)
	address := Fields{{"organization_id", "acme"}, {"email_address", "Ada@example.com"}}
	run(t, engine, "send_email_passcode", with(address, Field{"login_template_id", "tpl-1"}))
	mail := ports.messages[0]
	if mail.Channel != "email" || mail.To != "ada@example.com" || mail.Purpose != "login" || mail.TemplateID != "tpl-1" ||
		mail.Subject != "Your Example sign-in code" {
		t.Error(mail.Channel, mail.To, mail.Purpose, mail.TemplateID, mail.Subject)
	}
	proved := run(t, engine, "authenticate_email_passcode", with(address, Field{"code", ports.code()}))
	if !strings.Contains(string(proved.Body), `"member_authenticated":true`) {
		t.Error(string(proved.Body))
	}
}

func TestARepeatedOperationAnswersAsTheFirst(t *testing.T) {
	engine, ports := newWorld(t)
	for i := 0; i < 2; i++ {
		reply, err := engine.RunOnce(context.Background(), [16]byte{1}, "send_sms_otp", with(ada, Field{"mfa_phone_number", number}))
		if err != nil || !reply.OK() {
			t.Fatal(err, reply)
		}
	}
	if len(ports.messages) != 1 {
		t.Error(len(ports.messages), "messages")
	}
}

func TestAnErrorOfAPortIsNoAnswer(t *testing.T) {
	for port, expected := range map[string]string{"Load": "server_unavailable", "Commit": "", "FindSession": "server_unavailable",
		"Admit": "server_unavailable", "Deliver": "downstream_carrier_error"} {
		engine, ports := newWorld(t)
		ports.fail = port
		reply, err := engine.Run(context.Background(), "send_sms_otp", with(ada, Field{"mfa_phone_number", number},
			Field{"intermediate_session_token", "t0ken"}))
		if err != nil || reply.ErrorType != expected {
			t.Error(port, err, reply.ErrorType)
		}
	}
}

func TestMistakesOfTheHostAreErrors(t *testing.T) {
	engine, _ := newWorld(t)
	for _, row := range []struct {
		command  string
		fields   Fields
		expected string
	}{
		{"send_fax", nil, "no command"},
		{"get_member", with(ada, Field{"fax", "1"}), "no such field"},
		{"authenticate_sms_otp", Fields{{"session_duration_minutes", "long"}}, "cannot have"},
		{"delete_totp", ada, "actor"},
	} {
		if _, err := engine.Run(context.Background(), row.command, row.fields); err == nil || !strings.Contains(err.Error(), row.expected) {
			t.Error(row.command, err)
		}
	}
	for _, policy := range []Fields{{{"passcode_digits", "3"}}, {{"brands", "Acme"}}, {{"passcode_life_ms", "long"}}} {
		if _, err := NewConfig(Settings{Keys: map[uint32][]byte{1: key(0)}, Policy: policy}); err == nil {
			t.Error(policy)
		}
	}
	if _, err := NewConfig(Settings{Keys: map[uint32][]byte{1: key(0)[:31]}}); err == nil {
		t.Error("a short key")
	}
}

func TestOfManyGoroutinesWithOneCodeOneSucceeds(t *testing.T) {
	engine, ports := newWorld(t)
	run(t, engine, "send_sms_otp", with(ada, Field{"mfa_phone_number", number}))
	code := ports.code()
	var group sync.WaitGroup
	succeeded := make(chan bool, 32)
	for i := 0; i < 32; i++ {
		token := fmt.Sprint("token", i)
		ports.mutex.Lock()
		ports.sessions[token] = Session{OrganizationID: "acme", MemberID: "ada", SessionID: token, Factors: HostPrimary}
		ports.mutex.Unlock()
		group.Add(1)
		go func() {
			defer group.Done()
			reply, err := engine.Run(context.Background(), "authenticate_sms_otp", with(ada, Field{"code", code},
				Field{"intermediate_session_token", token}))
			if err != nil {
				t.Error(err)
			} else if reply.OK() {
				succeeded <- true
			}
		}()
	}
	group.Wait()
	if len(succeeded) != 1 {
		t.Error(len(succeeded), "succeeded")
	}
}

func TestASecretIsNotPrinted(t *testing.T) {
	message := Message{Passcode: "123456", Text: "123456", ExpiresAt: time.Now()}
	if printed := fmt.Sprintf("%v %+v %#v %s", message, message, message, message); strings.Contains(printed, "123456") {
		t.Error(printed)
	}
}

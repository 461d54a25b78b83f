package evaluation

import (
	"errors"
	"reflect"
	"testing"

	"example.com/order-states/orders"
)

func order(t *testing.T, total int, events ...orders.Event) *orders.Order {
	t.Helper()
	o := orders.NewOrder("o1", total)
	apply(t, o, events...)
	return o
}

func apply(t *testing.T, o *orders.Order, events ...orders.Event) {
	t.Helper()
	for _, event := range events {
		if err := o.Apply(event); err != nil {
			t.Fatal(err)
		}
	}
}

func state(t *testing.T, o *orders.Order, want orders.State) {
	t.Helper()
	if o.State() != want {
		t.Fatalf("%s, want %s", o.State(), want)
	}
}

func refund(t *testing.T, o *orders.Order, cents int) {
	t.Helper()
	if err := o.Refund(cents); err != nil {
		t.Fatal(err)
	}
	state(t, o, "refunding")
}

func TestAWholeRefund(t *testing.T) {
	o := order(t, 1000, "pay", "ship")
	refund(t, o, 1000)
	if o.Refunded() != 0 {
		t.Fatal("nothing was given back yet")
	}
	apply(t, o, "refund-done")
	state(t, o, "refunded")
	if o.Refunded() != 1000 {
		t.Fatal(o.Refunded())
	}
}

func TestARefundThatFails(t *testing.T) {
	for want, events := range map[orders.State][]orders.Event{"paid": {"pay"}, "shipped": {"pay", "ship"}} {
		o := order(t, 500, events...)
		refund(t, o, 500)
		apply(t, o, "refund-failed")
		state(t, o, want)
		if o.Refunded() != 0 {
			t.Fatal(o.Refunded())
		}
		refund(t, o, 500)
	}
}

func TestPartialRefunds(t *testing.T) {
	o := order(t, 1000, "pay")
	refund(t, o, 400)
	apply(t, o, "refund-done")
	state(t, o, "paid")
	if err := o.Refund(601); err == nil {
		t.Fatal("more than was paid")
	}
	state(t, o, "paid")
	apply(t, o, "ship")
	refund(t, o, 599)
	apply(t, o, "refund-done")
	state(t, o, "shipped")
	refund(t, o, 1)
	apply(t, o, "refund-done")
	state(t, o, "refunded")
	if o.Refunded() != 1000 {
		t.Fatal(o.Refunded())
	}
}

func TestEventsThatDoNotFit(t *testing.T) {
	cases := []struct {
		o     *orders.Order
		event orders.Event
	}{
		{order(t, 1), "ship"}, {order(t, 1), "refund-done"}, {order(t, 1, "pay"), "pay"}, {order(t, 1, "pay"), "refund-failed"},
		{order(t, 1, "pay", "ship"), "cancel"}, {order(t, 1, "cancel"), "pay"}, {order(t, 1), "nonsense"},
	}
	for _, one := range cases {
		before := one.o.State()
		count := len(one.o.History())
		var wrong *orders.TransitionError
		if err := one.o.Apply(one.event); !errors.As(err, &wrong) || wrong.State != before || wrong.Event != one.event {
			t.Errorf("%s in %s: %v", one.event, before, err)
		}
		if one.o.State() != before || len(one.o.History()) != count {
			t.Errorf("%s changed something", one.event)
		}
	}
	var wrong *orders.TransitionError
	if err := order(t, 5).Refund(1); !errors.As(err, &wrong) || wrong.Event != "refund" {
		t.Fatal("new orders cannot be refunded")
	}
	o := order(t, 5, "pay")
	refund(t, o, 2)
	if err := o.Refund(1); !errors.As(err, &wrong) {
		t.Fatal("one refund at a time")
	}
	for _, cents := range []int{0, -1} {
		if order(t, 5, "pay").Refund(cents) == nil {
			t.Fatal("nothing to refund")
		}
	}
}

func TestApplyRefundMeansAllThatIsLeft(t *testing.T) {
	o := order(t, 300, "pay", "refund", "refund-done")
	state(t, o, "refunded")
	if o.Refunded() != 300 {
		t.Fatal(o.Refunded())
	}
}

func TestHistory(t *testing.T) {
	o := order(t, 10, "pay")
	refund(t, o, 4)
	apply(t, o, "refund-done", "ship")
	_ = o.Apply("pay")
	want := []orders.Transition{{"pay", "new", "paid"}, {"refund", "paid", "refunding"}, {"refund-done", "refunding", "paid"}, {"ship", "paid", "shipped"}}
	if !reflect.DeepEqual(o.History(), want) {
		t.Fatalf("%v", o.History())
	}
	o.History()[0].Event = "changed"
	if o.History()[0].Event != "pay" {
		t.Fatal("history can be changed from outside")
	}
}

func TestSummary(t *testing.T) {
	list := []*orders.Order{order(t, 1), order(t, 1), order(t, 1, "pay", "refund")}
	if got := orders.Summary(list); !reflect.DeepEqual(got, map[orders.State]int{"new": 2, "refunding": 1}) {
		t.Fatalf("%v", got)
	}
}

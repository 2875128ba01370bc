package app

import (
	"context"
	"io"
	"net"
	"path/filepath"
	"time"

	"linlipay/bench"
	"linlipay/payment/sandbox"
	"linlipay/seal"
)

// startBench makes the product that is measured, on a free port of this machine.
func startBench(ctx context.Context, dir string, out io.Writer) (*bench.Product, error) {
	listen, err := freeAddress()
	if err != nil {
		return nil, err
	}
	a, err := New(ctx, benchConfig(dir, listen), out)
	if err != nil {
		return nil, err
	}
	return &bench.Product{
		Store: a.Store, Payments: a.Payments, Property: a.Property, Billing: a.Billing, Access: a.Access,
		Terminals: a.Terminals, BaseURL: a.cfg.BaseURL, Close: a.Close,
		Run: func(ctx context.Context) error { return quietly(a.Run(ctx)) },
		Merchants: func(ctx context.Context, bank *sandbox.Sandbox, company string) error {
			return (demo{}).merchants(ctx, a, bank, company, 0)
		},
	}, nil
}

// benchConfig is the configuration of what is measured: orders live long, and pay for nothing but themselves.
func benchConfig(dir, listen string) Config {
	return Config{
		Store: "sqlite:" + filepath.Join(dir, "store"), Listen: listen, BaseURL: "http://" + listen,
		SecretKey: seal.NewKey(), LogLevel: "error", Sandbox: true,
		DeskLifetime: 2 * time.Hour, PhoneLifetime: 2 * time.Hour, items: bench.Billless{},
	}
}

// freeAddress is an address of this machine on which nobody listens.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

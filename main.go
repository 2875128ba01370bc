// Command linlipay is the backend through which a property company collects its fees. See README.md.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"linlipay/app"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(app.Main(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

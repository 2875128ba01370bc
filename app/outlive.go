package app

import (
	"os/signal"
	"syscall"
)

// outliveReaders lets a long-running command go on when whoever read its output or its log is gone: by default Go ends
// a process that writes to a broken pipe on standard output or standard error. What is written is lost then, and no
// more.
func outliveReaders() { signal.Ignore(syscall.SIGPIPE) }

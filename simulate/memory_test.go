package simulate

import (
	"testing"

	"linlipay/store"
	"linlipay/store/storetest"
)

func TestMemoryIsAStore(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return newMemory() })
}

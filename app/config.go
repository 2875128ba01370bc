// Package app puts LinliPay together: the configuration, the commands, the background loops and the demo. It is the
// only package that knows all others.
package app

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/joho/godotenv"

	"linlipay/access"
	"linlipay/handlers"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/webhook"
)

// Config is everything that can be set. Each field is read from the environment variable named, or from the file that
// LINLIPAY_CONFIG names (lines of NAME=value); the environment wins.
type Config struct {
	// Store is where data is kept: sqlite:DIR, or a mongodb:// address, whose path is the database's name. Empty is
	// sqlite:./data (the demo's own directory in the demo).
	Store string `env:"LINLIPAY_STORE"`
	// Listen is the address to serve on.
	Listen string `env:"LINLIPAY_LISTEN" envDefault:"127.0.0.1:8080"`
	// BaseURL is where payers and institutions reach the server, such as https://pay.example.com. Required by serve.
	BaseURL string `env:"LINLIPAY_BASE_URL"`
	// SecretKey seals personal data, merchant secrets and token keys in the store: 32 random bytes in base64, such as
	// `openssl rand -base64 32` prints. Required by serve.
	SecretKey string `env:"LINLIPAY_SECRET_KEY"`
	// OtherSecretKeys are further keys, that commas part, under which the store may still be sealed, or already: the
	// one that SecretKey takes the place of, until `linlipay rekey` says that it can go.
	OtherSecretKeys string `env:"LINLIPAY_OTHER_SECRET_KEYS"`
	// DeskLifetime is how long an order made at a terminal or a counter can be paid. Like the three after it, it is
	// what a company begins with: then its own settings hold.
	DeskLifetime time.Duration `env:"LINLIPAY_DESK_LIFETIME" envDefault:"5m"`
	// PhoneLifetime is the same for an order made on the resident's phone.
	PhoneLifetime time.Duration `env:"LINLIPAY_PHONE_LIFETIME" envDefault:"15m"`
	// Surplus is what becomes of money that its order cannot keep: refund gives it back by itself, prepay keeps it as
	// the unit's prepayment, person waits for finance.
	Surplus payment.UnappliedPolicy `env:"LINLIPAY_SURPLUS" envDefault:"refund"`
	// RefundLimit is the amount in yuan up to which the refunds of one order, added up, need no second person; 0 is
	// none.
	RefundLimit string `env:"LINLIPAY_REFUND_LIMIT" envDefault:"0"`
	// TrustedProxies are the reverse proxies before the server, addresses and networks that commas part: where a
	// request comes from is then what they say in X-Forwarded-For, and for anybody else the address that is connected.
	// "none" is none.
	TrustedProxies string `env:"LINLIPAY_TRUSTED_PROXIES" envDefault:"127.0.0.1,::1"`
	// InstitutionHosts are hosts at which institutions may be asked beside those that their gateways declare: pairs
	// such as lakala=gateway.example.com that commas part. Who logs in to the console cannot add any.
	InstitutionHosts string `env:"LINLIPAY_INSTITUTION_HOSTS"`
	// WebhookHosts are hosts of private networks to which events may be sent, as they stand in an address, with the
	// port where it has one: erp.lan:8443,10.0.0.5. Who logs in to the console cannot add any.
	WebhookHosts string `env:"LINLIPAY_WEBHOOK_HOSTS"`
	// LogLevel is debug, info, warn or error.
	LogLevel string `env:"LINLIPAY_LOG_LEVEL" envDefault:"info"`
	// Sandbox says that this is a trial on one machine or a private network: institutions and addresses on loopback are
	// accepted, and one-time codes are shown to whoever is on that network. Without it serve refuses both, and with it
	// a public address.
	Sandbox bool `env:"LINLIPAY_SANDBOX" envDefault:"false"`

	existing bool // for what only reads: a database that is not there is refused, not made

	// the demo's: address of the sandbox, for wallets, and for terminals without a card application of their own
	trial string

	items payment.ItemOwner // who owns what orders pay for, for the bench; nil is the bills
}

// ReadConfig reads the configuration from the environment, given as os.Environ gives it, and from the file that it
// names. A file that cannot be read and a value that is malformed are errors, which name it.
func ReadConfig(environ []string) (Config, error) {
	values := env.ToMap(environ)
	if path := values["LINLIPAY_CONFIG"]; path != "" {
		entries, err := readConfigFile(path)
		if err != nil {
			return Config{}, err
		}
		for name, value := range entries {
			if _, set := values[name]; !set {
				values[name] = value
			}
		}
	}
	cfg, err := env.ParseAsWithOptions[Config](env.Options{Environment: values})
	if err != nil {
		return Config{}, fmt.Errorf("the configuration is malformed: %w", err)
	}
	return cfg, nil
}

// readConfigFile are the values in a file of NAME=value lines.
func readConfigFile(path string) (map[string]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("the configuration file %s cannot be read: %w", path, err)
	}
	defer file.Close()
	values, err := godotenv.Parse(file)
	if err != nil {
		return nil, fmt.Errorf("the configuration file %s is malformed: %w", path, err)
	}
	return values, nil
}

// Validate says, in one sentence, what is missing or unsafe. That sentence is the error, and names the setting.
func (c Config) Validate() error {
	if c.SecretKey == "" {
		return errors.New("LINLIPAY_SECRET_KEY is missing: set it to 32 random bytes in base64 (openssl rand " +
			"-base64 32) and keep it as safe as the merchant keys it protects")
	}
	if c.BaseURL == "" {
		return errors.New("LINLIPAY_BASE_URL is missing: set it to the https address where payers and institutions " +
			"reach this server")
	}
	if err := c.validateReach(); err != nil {
		return err
	}
	return c.validateOrders()
}

// validateReach says what is wrong with where the server is reached, and whom it reaches.
func (c Config) validateReach() error {
	if err := checkBaseURL(c.BaseURL, c.Sandbox); err != nil {
		return err
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return fmt.Errorf("LINLIPAY_LISTEN is %q: it must be host:port", c.Listen)
	}
	if _, err := handlers.ParseProxies(c.TrustedProxies); err != nil {
		return fmt.Errorf("LINLIPAY_TRUSTED_PROXIES: %w", err)
	}
	if _, err := gateway.ParseHosts(c.InstitutionHosts); err != nil {
		return fmt.Errorf("LINLIPAY_INSTITUTION_HOSTS: %w", err)
	}
	if _, err := webhook.ParseHosts(c.WebhookHosts); err != nil {
		return fmt.Errorf("LINLIPAY_WEBHOOK_HOSTS: %w", err)
	}
	return nil
}

// validateOrders says what is wrong with the settings that companies begin with.
func (c Config) validateOrders() error {
	policies := []payment.UnappliedPolicy{"", payment.RefundUnapplied, payment.PrepayUnapplied, payment.HoldUnapplied}
	if !slices.Contains(policies, c.Surplus) {
		return fmt.Errorf("LINLIPAY_SURPLUS is %q: it must be refund, prepay or person", c.Surplus)
	}
	if _, err := c.refundLimit(); err != nil {
		return fmt.Errorf("LINLIPAY_REFUND_LIMIT is %q: it must be an amount in yuan, such as 100 or 0 (%w)",
			c.RefundLimit, err)
	}
	if c.DeskLifetime < time.Minute || c.PhoneLifetime < time.Minute || c.DeskLifetime > 2*time.Hour ||
		c.PhoneLifetime > 2*time.Hour {
		return errors.New("LINLIPAY_DESK_LIFETIME and LINLIPAY_PHONE_LIFETIME must be between 1m and 2h, the " +
			"longest that institutions keep a QR")
	}
	return nil
}

// settings are those of a company that has settled nothing itself yet. Validate has looked at them.
func (c Config) settings() access.Settings {
	limit, _ := c.refundLimit()
	return access.Settings{
		Unapplied: cmp.Or(string(c.Surplus), access.DefaultSettings().Unapplied), RefundLimit: limit,
		DeskMinutes: int(c.DeskLifetime.Minutes()), PhoneMinutes: int(c.PhoneLifetime.Minutes()),
		PartPayments: access.DefaultSettings().PartPayments, Prepayments: access.DefaultSettings().Prepayments,
	}
}

// refundLimit is RefundLimit in fen.
func (c Config) refundLimit() (money.Fen, error) {
	if c.RefundLimit == "" {
		return 0, nil
	}
	return money.ParseTyped(c.RefundLimit)
}

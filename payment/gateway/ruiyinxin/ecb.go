package ruiyinxin

import (
	"bytes"
	"crypto/aes"
	"crypto/subtle"
)

// keyLength is that of a message's AES key, in bytes: 16 printable characters, for AES-128.
const keyLength = 16

// sealECB encrypts a text as the protocol does: PKCS#5 padding, then each block by itself. Equal blocks look equal in
// it; only the key's being used once and the signature over the text make that bearable.
func sealECB(key, plain []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	short := aes.BlockSize - len(plain)%aes.BlockSize
	sealed := append(bytes.Clone(plain), bytes.Repeat([]byte{byte(short)}, short)...)
	for at := 0; at < len(sealed); at += aes.BlockSize {
		block.Encrypt(sealed[at:], sealed[at:])
	}
	return sealed, nil
}

// openECB decrypts and takes the padding off. Where there is no right padding it says so and returns everything, for
// the caller to go on as if there were: that the padding is wrong must not be told from any other fault.
func openECB(key, sealed []byte) (plain []byte, padded bool) {
	block, err := aes.NewCipher(key)
	if err != nil || len(sealed) == 0 || len(sealed)%aes.BlockSize != 0 {
		return nil, false
	}
	plain = make([]byte, len(sealed))
	for at := 0; at < len(sealed); at += aes.BlockSize {
		block.Decrypt(plain[at:], sealed[at:])
	}
	short, right := paddingOf(plain)
	if right == 0 {
		return plain, false
	}
	return plain[:len(plain)-short], true
}

// paddingOf is how many bytes of padding the last byte names, and 1 when they all stand there (PKCS #7), else 0; it
// takes the same time either way.
func paddingOf(plain []byte) (short, right int) {
	short = int(plain[len(plain)-1])
	right = subtle.ConstantTimeLessOrEq(1, short) & subtle.ConstantTimeLessOrEq(short, aes.BlockSize)
	for i := 1; i <= aes.BlockSize; i++ {
		counts := subtle.ConstantTimeLessOrEq(i, short)
		right &= subtle.ConstantTimeSelect(counts, subtle.ConstantTimeByteEq(plain[len(plain)-i], byte(short)), 1)
	}
	return short, right
}

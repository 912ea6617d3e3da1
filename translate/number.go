// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate

import (
	"bytes"
	"math"
	"strconv"
)

// scanNumber returns the length of the JSON number at the start of s, or 0.
func scanNumber(s []byte) int {
	i := 0
	if i < len(s) && s[i] == '-' {
		i++
	}
	switch {
	case i < len(s) && s[i] == '0':
		i++
	case i < len(s) && isDigit(s[i]):
		i = scanDigits(s, i)
	default:
		return 0
	}
	if i < len(s) && s[i] == '.' {
		from := i + 1
		if i = scanDigits(s, from); i == from {
			return 0
		}
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		from := i
		if i = scanDigits(s, from); i == from {
			return 0
		}
	}
	if i < len(s) && continuesToken(s[i]) {
		return 0
	}
	return i
}

// scanDigits returns the position after the digits that start at i.
func scanDigits(s []byte, i int) int {
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return i
}

// number takes the number at the current position.
func (r *reader) number() ([]byte, *Error) {
	n := scanNumber(r.in[r.pos:])
	if n == 0 {
		return nil, r.fail(r.pos, "invalid number")
	}
	number := r.in[r.pos : r.pos+n]
	r.pos += n
	return number, nil
}

// numeral takes a number, or a string that holds nothing but a number. The
// result is valid until the next string is read.
func (r *reader) numeral() ([]byte, *Error) {
	switch c := r.next(); {
	case c == '"':
		start := r.pos
		s, err := r.text()
		if err == nil && (len(s) == 0 || scanNumber(s) != len(s)) {
			err = r.fail(start, "expected a number, got a string that is none")
		}
		return s, err
	case c == '-', isDigit(c):
		return r.number()
	}
	return nil, r.expected("a number")
}

// whole takes an integer of any spelling. It returns the sign and the
// magnitude.
func (r *reader) whole() (negative bool, magnitude uint64, err *Error) {
	r.next()
	if negative, magnitude, ok := r.shortWhole(); ok {
		return negative, magnitude, nil
	}
	start := r.pos
	number, err := r.numeral()
	if err != nil {
		return false, 0, err
	}
	negative, magnitude, ok := parseWhole(number)
	if !ok {
		return false, 0, r.fail(start, "expected an integer that fits, got another number")
	}
	return negative, magnitude, nil
}

// shortWhole takes an integer that is written as most are: with a few digits,
// which do not overflow, and nothing else, in quotes or not. It takes nothing
// and reports false if there is something else.
func (r *reader) shortWhole() (negative bool, magnitude uint64, ok bool) {
	const most = 18
	i := r.pos
	quoted := i < len(r.in) && r.in[i] == '"'
	if quoted {
		i++
	}
	if i < len(r.in) && r.in[i] == '-' {
		negative = true
		i++
	}
	from := i
	for ; i < len(r.in) && isDigit(r.in[i]); i++ {
		magnitude = magnitude*10 + uint64(r.in[i]-'0')
	}
	if n := i - from; n == 0 || n > most || n > 1 && r.in[from] == '0' {
		return false, 0, false
	}
	switch {
	case quoted:
		if i == len(r.in) || r.in[i] != '"' {
			return false, 0, false
		}
		i++
	case i < len(r.in) && continuesToken(r.in[i]):
		return false, 0, false
	}
	r.pos = i
	return negative && magnitude != 0, magnitude, true
}

// parseWhole returns the integer that a JSON number stands for, if it does and
// the magnitude takes no more than 64 bits.
func parseWhole(number []byte) (negative bool, magnitude uint64, ok bool) {
	if number[0] == '-' {
		negative = true
		number = number[1:]
	}
	digits, exponent := number, 0
	if i := bytes.IndexAny(number, "eE"); i >= 0 {
		digits = number[:i]
		exponent = parseExponent(number[i+1:])
	}
	whole, fraction, _ := bytes.Cut(digits, []byte{'.'})
	fraction = bytes.TrimRight(fraction, "0")
	if whole[0] == '0' {
		whole = nil
	}
	if len(whole)+len(fraction) == 0 {
		return false, 0, true
	}

	const most = 20 // the digits of the greatest number
	switch {
	case exponent < 0:
		cut := len(whole) + exponent
		if len(fraction) > 0 || cut < 0 || len(bytes.Trim(whole[cut:], "0")) > 0 {
			return false, 0, false
		}
		whole, exponent = whole[:cut], 0
	case len(fraction) > exponent || len(whole)+exponent > most:
		return false, 0, false
	}
	for i := range len(whole) + exponent {
		var digit uint64
		if i < len(whole) {
			digit = uint64(whole[i] - '0')
		} else if i-len(whole) < len(fraction) {
			digit = uint64(fraction[i-len(whole)] - '0')
		}
		if magnitude > (math.MaxUint64-digit)/10 {
			return false, 0, false
		}
		magnitude = magnitude*10 + digit
	}
	return negative && magnitude != 0, magnitude, true
}

// parseExponent returns an exponent, or one that no integer has.
func parseExponent(s []byte) int {
	const none = -1 << 30
	n, err := strconv.ParseInt(string(s), 10, 32)
	if err != nil || n < none {
		return none
	}
	return int(n)
}

// signed takes an integer of so many bits.
func (r *reader) signed(size int) (int64, *Error) {
	r.next()
	start := r.pos
	negative, magnitude, err := r.whole()
	if err != nil {
		return 0, err
	}
	n := int64(magnitude)
	if negative {
		n = -n
	}
	limit := uint64(1) << (size - 1)
	if magnitude > limit || !negative && magnitude == limit {
		return 0, r.fail(start, "expected an integer of "+strconv.Itoa(size)+" bits, got a greater one")
	}
	return n, nil
}

// unsigned takes an integer of so many bits that is not negative.
func (r *reader) unsigned(size int) (uint64, *Error) {
	r.next()
	start := r.pos
	negative, magnitude, err := r.whole()
	if err != nil {
		return 0, err
	}
	if negative {
		return 0, r.fail(start, "expected an integer that is not negative")
	}
	if size < 64 && magnitude>>size != 0 {
		return 0, r.fail(start, "expected an integer of "+strconv.Itoa(size)+" bits, got a greater one")
	}
	return magnitude, nil
}

// float takes a number of so many bits.
func (r *reader) float(size int) (float64, *Error) {
	c := r.next()
	start := r.pos
	if c == '"' {
		switch {
		case r.literalString("NaN"):
			return math.NaN(), nil
		case r.literalString("Infinity"):
			return math.Inf(1), nil
		case r.literalString("-Infinity"):
			return math.Inf(-1), nil
		}
	}
	number, err := r.numeral()
	if err != nil {
		// The three words may have been written with escapes.
		if f, ok := notFinite(number); ok {
			return f, nil
		}
		return 0, err
	}
	f, parseErr := strconv.ParseFloat(string(number), size)
	if parseErr != nil {
		return 0, r.fail(start, "expected a number of "+strconv.Itoa(size)+" bits, got a greater one")
	}
	return f, nil
}

// literalString takes a string that is written without escapes.
func (r *reader) literalString(s string) bool {
	end := r.pos + len(s) + 2
	if end > len(r.in) || r.in[end-1] != '"' || string(r.in[r.pos+1:end-1]) != s {
		return false
	}
	r.pos = end
	return true
}

// notFinite returns the number that one of the three words stands for.
func notFinite(word []byte) (float64, bool) {
	switch string(word) {
	case "NaN":
		return math.NaN(), true
	case "Infinity":
		return math.Inf(1), true
	case "-Infinity":
		return math.Inf(-1), true
	}
	return 0, false
}

// SPDX-FileCopyrightText: The Dragoman Authors
// SPDX-License-Identifier: Apache-2.0

package translate

import (
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// The range of google.protobuf.Timestamp: the years 1 to 9999.
const (
	minTimestamp = -62135596800
	maxTimestamp = 253402300799

	nanosPerSecond = 1_000_000_000
	secondsPerDay  = 86400
)

// timestamp takes a string as in RFC 3339.
func (r *reader) timestamp() *Error {
	if r.next() != '"' {
		return r.expected("a timestamp as in RFC 3339")
	}
	start := r.pos
	s, err := r.text()
	if err != nil {
		return err
	}
	seconds, nanos, ok := parseTimestamp(s)
	if !ok {
		return r.fail(start, "expected a timestamp as in RFC 3339, of the years 1 to 9999, got another string")
	}
	r.out = appendSeconds(r.out, seconds, nanos)
	return nil
}

// parseTimestamp reads RFC 3339 as ProtoJSON has it: with at most nine digits
// of the second's fraction.
func parseTimestamp(s []byte) (seconds int64, nanos int32, ok bool) {
	if seconds, nanos, ok = parseUTC(s); ok {
		return seconds, nanos, true
	}
	text := string(s)
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return 0, 0, false
	}
	fraction, zone := strings.LastIndexByte(text, '.'), strings.LastIndexAny(text, "Z-+")
	if fraction >= 0 && zone-fraction > len(".999999999") {
		return 0, 0, false
	}
	seconds = t.Unix()
	return seconds, int32(t.Nanosecond()), minTimestamp <= seconds && seconds <= maxTimestamp
}

// parseUTC reads the form in which Protobuf writes timestamps,
// 2006-01-02T15:04:05[.fraction]Z, and refuses everything that takes thought.
func parseUTC(s []byte) (seconds int64, nanos int32, ok bool) {
	const layout = "0000-00-00T00:00:00"
	if len(s) <= len(layout) || s[len(s)-1] != 'Z' {
		return 0, 0, false
	}
	for i := range len(layout) {
		if layout[i] == '0' && !isDigit(s[i]) || layout[i] != '0' && s[i] != layout[i] {
			return 0, 0, false
		}
	}
	two := func(i int) int { return int(s[i]-'0')*10 + int(s[i+1]-'0') }
	year, month, day := two(0)*100+two(2), two(5), two(8)
	hour, minute, second := two(11), two(14), two(17)
	if year < 1 || month < 1 || month > 12 || day < 1 || day > 28 && day > daysIn(year, month) ||
		hour > 23 || minute > 59 || second > 59 {
		return 0, 0, false
	}
	if fraction := s[len(layout) : len(s)-1]; len(fraction) > 0 {
		if nanos, ok = parseFraction(fraction); !ok {
			return 0, 0, false
		}
	}
	seconds = int64(daysSinceEpoch(year, month, day))*secondsPerDay + int64(hour*3600+minute*60+second)
	return seconds, nanos, true
}

// parseFraction reads a point and one to nine digits as nanoseconds.
func parseFraction(s []byte) (nanos int32, ok bool) {
	if s[0] != '.' || len(s) < 2 || len(s) > 10 {
		return 0, false
	}
	for i := 1; i < 10; i++ {
		nanos *= 10
		if i < len(s) {
			if !isDigit(s[i]) {
				return 0, false
			}
			nanos += int32(s[i] - '0')
		}
	}
	return nanos, true
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// daysSinceEpoch counts from 1970-01-01 in the Gregorian calendar. Years are
// taken to begin in March, which puts the leap day at their end.
func daysSinceEpoch(year, month, day int) int {
	if month <= 2 {
		year--
		month += 12
	}
	const toEpoch = 719469 // from 0000-03-01, plus the day that day starts from
	return 365*year + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + day - toEpoch
}

// dateOf is the inverse of daysSinceEpoch for the years 1 to 9999.
func dateOf(days int) (year, month, day int) {
	const (
		perEra     = 146097 // 400 years
		toMarch0   = 719468
		perCentury = 36524
		perFour    = 1460
		perYear    = 365
	)
	days += toMarch0
	era, rest := days/perEra, days%perEra
	ofEra := (rest - rest/perFour + rest/perCentury - rest/(perEra-1)) / perYear
	ofYear := rest - (perYear*ofEra + ofEra/4 - ofEra/100)
	march := (5*ofYear + 2) / 153
	day = ofYear - (153*march+2)/5 + 1
	year, month = era*400+ofEra, march+3
	if month > 12 {
		year, month = year+1, month-12
	}
	return year, month, day
}

// timestamp appends a Timestamp as in RFC 3339.
func (w *writer) timestamp(b []byte) *Error {
	seconds, nanos, err := w.seconds(b)
	if err != nil {
		return err
	}
	if seconds < minTimestamp || seconds > maxTimestamp {
		return wireError("a timestamp is not of the years 1 to 9999")
	}
	if nanos < 0 || nanos >= nanosPerSecond {
		return wireError("the nanoseconds of a timestamp are out of range")
	}
	days, second := int(seconds/secondsPerDay), int(seconds%secondsPerDay)
	if second < 0 {
		days, second = days-1, second+secondsPerDay
	}
	year, month, day := dateOf(days)
	w.out = append(w.out, '"')
	out := appendTwo(appendTwo(w.out, year/100), year%100)
	out = appendTwo(append(out, '-'), month)
	out = appendTwo(append(out, '-'), day)
	out = appendTwo(append(out, 'T'), second/3600)
	out = appendTwo(append(out, ':'), second/60%60)
	out = appendTwo(append(out, ':'), second%60)
	w.out = appendFraction(out, nanos)
	w.out = append(w.out, 'Z', '"')
	return nil
}

// appendTwo appends a number of two digits.
func appendTwo(dst []byte, n int) []byte {
	return append(dst, byte('0'+n/10), byte('0'+n%10))
}

// appendFraction appends nanoseconds as the fraction of a second with 0, 3, 6
// or 9 digits.
func appendFraction(dst []byte, nanos int32) []byte {
	if nanos == 0 {
		return dst
	}
	digits := 9
	for nanos%1000 == 0 {
		nanos /= 1000
		digits -= 3
	}
	dst = append(dst, ".000000000"[:digits+1]...)
	for i := len(dst) - 1; nanos > 0; i-- {
		dst[i] = byte('0' + nanos%10)
		nanos /= 10
	}
	return dst
}

// The tags of Timestamp and Duration, whose fields are alike.
const (
	secondsNumber = 1
	nanosNumber   = 2
	secondsTag    = 0x08
	nanosTag      = 0x10
)

// appendSeconds appends the fields of a Timestamp or a Duration.
func appendSeconds(dst []byte, seconds int64, nanos int32) []byte {
	if seconds != 0 {
		dst = appendVarint(append(dst, secondsTag), uint64(seconds))
	}
	if nanos != 0 {
		dst = appendVarint(append(dst, nanosTag), uint64(int64(nanos)))
	}
	return dst
}

// seconds reads the fields of a Timestamp or a Duration.
func (w *writer) seconds(b []byte) (seconds int64, nanos int32, err *Error) {
	for pos := 0; pos < len(b); {
		f, err := w.wireField(b, pos)
		if err != nil {
			return 0, 0, err
		}
		if f.typ == protowire.VarintType {
			n, _ := protowire.ConsumeVarint(b[f.start:])
			switch f.number {
			case secondsNumber:
				seconds = int64(n)
			case nanosNumber:
				nanos = int32(n)
			default:
			}
		}
		pos = f.next
	}
	return seconds, nanos, nil
}

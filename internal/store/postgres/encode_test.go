package postgres

import (
	"bytes"
	"math"
	"testing"

	"github.com/jackc/pgx/v5/pgtype"
)

// Columns and blobs are sent as the driver would send arrays of the same values.
func TestColumnsAreArrays(t *testing.T) {
	rows := [][]any{
		{int32(-1), int64(math.MinInt64), "", -math.MaxFloat64},
		{int32(math.MaxInt32), int64(7), "naïve “text”", 0.1},
	}
	plain := pgtype.NewMap()
	for _, c := range []struct {
		name string
		want any
		got  any
	}{
		{"_int4", []int32{-1, math.MaxInt32}, column{rows, 0}},
		{"_int8", []int64{math.MinInt64, 7}, column{rows, 1}},
		{"_text", []string{"", "naïve “text”"}, column{rows, 2}},
		{"_float8", []float64{-math.MaxFloat64, 0.1}, column{rows, 3}},
		{"_bytea", [][]byte{{}, []byte("\x00body")}, blobs{{}, []byte("\x00body")}},
	} {
		oids := arrayTypes[c.name]
		known, _ := plain.TypeForOID(oids[0])
		taught := pgtype.NewMap()
		taught.RegisterType(&pgtype.Type{Name: c.name, OID: oids[0], Codec: arrayCodec{known.Codec, oids[1]}})
		want, err := plain.Encode(oids[0], pgtype.BinaryFormatCode, c.want, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, value := range []any{c.got, c.want} {
			got, err := taught.Encode(oids[0], pgtype.BinaryFormatCode, value, nil)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: a %T becomes %x, want %x (%v)", c.name, value, got, want, err)
			}
		}
	}
}

package postgres

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"tributary/internal/store/sqlindex"
)

// Index rows and bodies are most of what is sent. They are written as PostgreSQL's binary
// format has them, straight from the rows: to make arrays of them, of which the driver
// looks at each value anew, takes several times as long.

// column is one column of rows, sent as an array.
type column struct {
	rows [][]any
	at   int
}

// blobs are sent as an array of bytea.
type blobs [][]byte

// arrayTypes are the types of arrays that columns and blobs are sent as, and those of their elements.
var arrayTypes = map[string][2]uint32{
	"_int4": {pgtype.Int4ArrayOID, pgtype.Int4OID}, "_int8": {pgtype.Int8ArrayOID, pgtype.Int8OID},
	"_text": {pgtype.TextArrayOID, pgtype.TextOID}, "_float8": {pgtype.Float8ArrayOID, pgtype.Float8OID},
	"_bytea": {pgtype.ByteaArrayOID, pgtype.ByteaOID},
}

// encodeColumns teaches a connection to send them.
func encodeColumns(_ context.Context, conn *pgx.Conn) error {
	m := conn.TypeMap()
	for name, oids := range arrayTypes {
		known, ok := m.TypeForOID(oids[0])
		if !ok {
			return fmt.Errorf("postgres: the driver does not know the type %s", name)
		}
		m.RegisterType(&pgtype.Type{Name: name, OID: oids[0], Codec: arrayCodec{known.Codec, oids[1]}})
	}
	return nil
}

type arrayCodec struct {
	pgtype.Codec
	element uint32
}

func (c arrayCodec) PlanEncode(m *pgtype.Map, oid uint32, format int16, value any) pgtype.EncodePlan {
	switch value.(type) {
	case column, blobs:
		if format == pgtype.BinaryFormatCode {
			return arrayPlan(c.element)
		}
	}
	return c.Codec.PlanEncode(m, oid, format, value)
}

// arrayPlan writes an array whose elements are of that type.
type arrayPlan uint32

func (p arrayPlan) Encode(value any, b []byte) ([]byte, error) {
	switch v := value.(type) {
	case column:
		b = p.header(slices.Grow(b, 20+16*len(v.rows)), len(v.rows))
		for _, row := range v.rows {
			b = appendValue(b, row[v.at])
		}
	case blobs:
		size := 20
		for _, blob := range v {
			size += 4 + len(blob)
		}
		b = p.header(slices.Grow(b, size), len(v))
		for _, blob := range v {
			b = append(binary.BigEndian.AppendUint32(b, uint32(len(blob))), blob...)
		}
	default:
		return nil, fmt.Errorf("postgres: a %T is no array", value)
	}
	return b, nil
}

// header is of an array of one dimension without NULLs, which begins at 1.
func (p arrayPlan) header(b []byte, length int) []byte {
	for _, n := range [...]uint32{1, 0, uint32(p), uint32(length), 1} {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	return b
}

// appendValue writes a value of an index row after its length.
func appendValue(b []byte, value any) []byte {
	switch v := value.(type) {
	case int64:
		return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(b, 8), uint64(v))
	case int32:
		return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, 4), uint32(v))
	case float64:
		return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(b, 8), math.Float64bits(v))
	case string:
		return append(binary.BigEndian.AppendUint32(b, uint32(len(v))), v...)
	}
	panic(fmt.Sprintf("postgres: an index row has a %T", value)) // sqlindex.Batch makes no other
}

// copyHeader begins the binary format of COPY: signature, flags, extension.
const copyHeader = "PGCOPY\n\xff\r\n\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00"

// copyRows fills a table by COPY.
func (s *session) copyRows(ctx context.Context, table sqlindex.Table, rows [][]any) error {
	if err := s.flush(ctx); err != nil {
		return err
	}
	b := append(make([]byte, 0, 32+len(rows)*(2+14*len(table.Columns))), copyHeader...)
	for _, row := range rows {
		b = binary.BigEndian.AppendUint16(b, uint16(len(row)))
		for _, value := range row {
			b = appendValue(b, value)
		}
	}
	b = append(b, 0xff, 0xff)
	query := "COPY " + table.Name + " (" + strings.Join(table.Columns, ", ") + ") FROM STDIN BINARY"
	if _, err := s.conn.Conn().PgConn().CopyFrom(ctx, bytes.NewReader(b), query); err != nil {
		return fmt.Errorf("postgres: copying into %s: %w", table.Name, err)
	}
	return nil
}

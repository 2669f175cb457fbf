package synth

import "time"

type device struct {
	header
	UDICarrier         []udiCarrier `json:"udiCarrier"`
	Status             string       `json:"status"`
	DistinctIdentifier string       `json:"distinctIdentifier"`
	Manufacturer       string       `json:"manufacturer"`
	ManufactureDate    string       `json:"manufactureDate"`
	ExpirationDate     string       `json:"expirationDate"`
	LotNumber          string       `json:"lotNumber"`
	SerialNumber       string       `json:"serialNumber"`
	DeviceName         []deviceName `json:"deviceName"`
	ModelNumber        string       `json:"modelNumber"`
	Type               concept      `json:"type"`
	Patient            *reference   `json:"patient"`
}

type udiCarrier struct {
	DeviceIdentifier string `json:"deviceIdentifier"`
	Issuer           string `json:"issuer"`
	Jurisdiction     string `json:"jurisdiction"`
	CarrierHRF       string `json:"carrierHRF"`
}

type deviceName struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// writeDevice charts an implant, with its unique device identifier in the
// human readable form of GS1: (01) device, (11) made, (17) expires, (10) lot,
// (21) serial.
func (c *chart) writeDevice(implanted time.Time, i implant) *reference {
	made := implanted.Add(-c.days(60, 400))
	expires := made.Add(3 * year)
	lot, serial := "L"+c.digits(6), c.digits(10)
	return c.add(&device{
		header: c.header("Device", "implantable-device"),
		UDICarrier: []udiCarrier{{
			DeviceIdentifier: i.identifier,
			Issuer:           "http://hl7.org/fhir/NamingSystem/gs1-di",
			Jurisdiction:     "http://hl7.org/fhir/NamingSystem/fda-udi",
			CarrierHRF:       "(01)" + i.identifier + "(11)" + gs1Date(made) + "(17)" + gs1Date(expires) + "(10)" + lot + "(21)" + serial,
		}},
		Status:             "active",
		DistinctIdentifier: i.identifier,
		Manufacturer:       i.manufacturer,
		ManufactureDate:    dateOf(made),
		ExpirationDate:     dateOf(expires),
		LotNumber:          lot,
		SerialNumber:       serial,
		DeviceName:         []deviceName{{i.name, "user-friendly-name"}},
		ModelNumber:        i.model,
		Type:               conceptOf(i.code),
		Patient:            c.subject,
	})
}

func gs1Date(t time.Time) string { return t.Format("060102") }

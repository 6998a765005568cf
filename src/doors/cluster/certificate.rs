//! When a certificate ends. A server answers an expired client certificate with a bare 401; this tells the two apart.
//!
//! Reads no more of X.509 (RFC 5280, section 4.1) than leads to `notAfter`.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};

/// When the first certificate of a PEM text ends; `None` where there is none, or it cannot be read.
pub(super) fn end_of(pem: &[u8]) -> Option<Timestamp> {
    let der = CertificateDer::from_pem_slice(pem).ok()?;
    let (_, certificate, _) = element(&der)?;
    let (_, signed, _) = element(certificate)?;
    let (tag, _, rest) = element(signed)?;
    // Version is optional and tagged; without it the first element is the serial number already.
    let after_serial = if tag == 0xA0 { element(rest)?.2 } else { rest };
    let (_, _, rest) = element(after_serial)?; // signature algorithm
    let (_, _, rest) = element(rest)?; // issuer
    let (_, validity, _) = element(rest)?;
    let (_, _, rest) = element(validity)?; // notBefore
    let (tag, text, _) = element(rest)?;
    time(tag, std::str::from_utf8(text).ok()?)
}

/// One DER element: its tag, its content, and what follows it.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (length, rest) = rest.split_at_checked(usize::from(first & 0x7F))?;
        if length.len() > 4 {
            return None;
        }
        (length.iter().fold(0, |sum, b| (sum << 8) | usize::from(*b)), rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// UTCTime (`0x17`, two digits of the year, up to 2049) or GeneralizedTime (`0x18`).
fn time(tag: u8, text: &str) -> Option<Timestamp> {
    let whole = match tag {
        0x17 if text.get(..2)? < "50" => format!("20{text}"),
        0x17 => format!("19{text}"),
        0x18 => text.to_string(),
        _ => return None,
    };
    let moment = DateTime::strptime("%Y%m%d%H%M%SZ", whole).ok()?;
    Some(TimeZone::UTC.to_zoned(moment).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_end_of_a_certificate_and_survives_any_other_bytes() {
        let pem = include_bytes!("testdata/expired.pem");
        assert_eq!(end_of(pem).unwrap().to_string(), "2021-01-02T00:00:00Z");
        assert_eq!(end_of(b""), None);
        assert_eq!(end_of(b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"), None);
        for cut in 0..pem.len() {
            let _ = end_of(&pem[..cut]);
        }
    }
}

//! What a certificate says of itself: from when to when it holds, and for which hosts.
//!
//! Reads no more of X.509 (RFC 5280, section 4.1) than leads there. A server answers an expired client certificate with a bare 401, and a browser a
//! certificate for another host with a bare warning; this tells them apart.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};

/// What is kept of one certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// From when it holds.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// The DNS names it is for (`subjectAltName`), as they stand there: `*.example.com`.
    pub hosts: Vec<Box<str>>,
}

/// The first certificate of a PEM text; `None` where there is none, or it cannot be read.
pub fn of_pem(pem: &[u8]) -> Option<Certificate> {
    let der = CertificateDer::from_pem_slice(pem).ok()?;
    let (_, certificate, _) = element(&der)?;
    let (_, signed, _) = element(certificate)?;
    let (tag, _, rest) = element(signed)?;
    // Version is optional and tagged; without it the first element is the serial number already.
    let after_serial = if tag == 0xA0 { element(rest)?.2 } else { rest };
    let (_, _, rest) = element(after_serial)?; // signature algorithm
    let (_, _, rest) = element(rest)?; // issuer
    let (_, validity, rest) = element(rest)?;
    let (from_tag, from, until) = element(validity)?;
    let (until_tag, until, _) = element(until)?;
    Some(Certificate {
        from: time(from_tag, std::str::from_utf8(from).ok()?)?,
        until: time(until_tag, std::str::from_utf8(until).ok()?)?,
        hosts: hosts(rest).unwrap_or_default(),
    })
}

/// When the first certificate of a PEM text ends.
pub fn end_of(pem: &[u8]) -> Option<Timestamp> {
    of_pem(pem).map(|c| c.until)
}

/// The DNS names of `subjectAltName` (OID 2.5.29.17), given what follows the validity: subject, key, extensions.
fn hosts(after_validity: &[u8]) -> Option<Vec<Box<str>>> {
    const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1D, 0x11];
    const EXTENSIONS: u8 = 0xA3;
    const DNS_NAME: u8 = 0x82;
    let mut rest = after_validity;
    let extensions = loop {
        let (tag, content, next) = element(rest)?;
        if tag == EXTENSIONS {
            break content;
        }
        rest = next;
    };
    let (_, mut each, _) = element(extensions)?;
    while let Some((_, extension, next)) = element(each) {
        each = next;
        let (_, oid, value) = element(extension)?;
        if oid != SUBJECT_ALT_NAME {
            continue;
        }
        // A flag that says whether it is critical may come first; the value itself is an octet string.
        let octets = std::iter::successors(element(value), |(_, _, rest)| element(rest)).last()?.1;
        let (_, names, _) = element(octets)?;
        let all = std::iter::successors(element(names), |(_, _, rest)| element(rest));
        return Some(all.filter(|(tag, ..)| *tag == DNS_NAME).filter_map(|(_, n, _)| std::str::from_utf8(n).ok().map(Box::from)).collect());
    }
    None
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
        let pem = include_bytes!("../doors/cluster/testdata/expired.pem");
        assert_eq!(end_of(pem).unwrap().to_string(), "2021-01-02T00:00:00Z");
        assert_eq!(end_of(b""), None);
        assert_eq!(end_of(b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"), None);
        for cut in 0..pem.len() {
            let _ = end_of(&pem[..cut]);
        }
    }
}

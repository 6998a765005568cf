//! The door to addresses: a manifest that lies where a person's `-f https://…` says.
//!
//! Owns: which addresses are gone to, redirects, bounds in size and time. Does not own: what the document means.
//! Invariants: only http and https; a redirect stays with its scheme; a host in a private network is gone to only where the person allowed
//! it when aiops was started, and what was looked up is what is connected to; certificates are verified; no credentials, no cookies, no proxy.

use crate::problem::{Problem, Sort};
use reqwest::{Client, Response, StatusCode, Url, header};
use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    time::Duration,
};

/// The largest document that is fetched, in bytes.
const LARGEST: usize = 4 << 20;
/// How long all of it may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often one is sent on.
const REDIRECTS: usize = 5;

/// What lies at an address. `private`: hosts in private networks may be gone to.
///
/// # Errors
/// A sentence with the address and what to do: not allowed, not there, too large, too slow, not certified.
pub async fn fetch(address: &str, private: bool) -> Result<Vec<u8>, Problem> {
    match tokio::time::timeout(PATIENCE, followed(address, private)).await {
        Ok(fetched) => fetched,
        Err(_) => Err(Problem::new(Sort::Unreachable, format!("{address} did not come within {} s", PATIENCE.as_secs()))),
    }
}

async fn followed(address: &str, private: bool) -> Result<Vec<u8>, Problem> {
    let mut url = Url::parse(address).map_err(|e| Problem::new(Sort::Usage, format!("{address} is no address: {e}")))?;
    for _ in 0..=REDIRECTS {
        let answer = asked(&url, private).await?;
        if !answer.status().is_redirection() {
            return body(address, answer).await;
        }
        let to = answer.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
        let next =
            to.and_then(|to| url.join(to).ok()).ok_or_else(|| Problem::failed(format!("{url} sends one on, and does not say where")))?;
        if next.scheme() != url.scheme() {
            return Err(Problem::new(Sort::Refused, format!("{url} sends one on to {}://, and that is not followed", next.scheme()))
                .hint("name the address that you mean, or a file"));
        }
        url = next;
    }
    Err(Problem::failed(format!("{address} sends one on more than {REDIRECTS} times")))
}

async fn asked(url: &Url, private: bool) -> Result<Response, Problem> {
    if !["http", "https"].contains(&url.scheme()) {
        return Err(Problem::new(Sort::Usage, format!("{url}: only http and https addresses are fetched")));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Problem::new(Sort::Refused, "an address with a name and password in it is not fetched")
            .hint("fetch it yourself and name the file"));
    }
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
        return Err(Problem::new(Sort::Usage, format!("{url} names no host")));
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']').to_string();
    let found: Vec<SocketAddr> = tokio::net::lookup_host((bare.as_str(), port))
        .await
        .map_err(|e| Problem::new(Sort::Unreachable, format!("{host} was not found: {e}")))?
        .collect();
    if let Some(inside) = found.iter().find(|address| !private && !is_public(address.ip())) {
        return Err(Problem::new(Sort::Refused, format!("{host} ({}) is in a private network, and is not gone to", inside.ip()))
            .hint("fetch it yourself and name the file, or start aiops with --allow-private-hosts"));
    }
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Whoever was faster has installed the same one.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
    let client = Client::builder()
        .user_agent(concat!("aiops/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .resolve_to_addrs(&bare, &found)
        .no_proxy()
        .connect_timeout(Duration::from_secs(10))
        .build()
        .map_err(|_| Problem::failed("the system's certificates cannot be used"))?;
    client.get(url.clone()).send().await.map_err(|e| lost(url, &e))
}

async fn body(address: &str, mut answer: Response) -> Result<Vec<u8>, Problem> {
    if answer.status() != StatusCode::OK {
        return Err(Problem::failed(format!("{address} answered {}", answer.status())).hint("see whether the address is right"));
    }
    let too_large =
        || Problem::failed(format!("{address} is larger than {} MiB", LARGEST >> 20)).hint("fetch it yourself and name the file");
    if answer.content_length().is_some_and(|length| length > LARGEST as u64) {
        return Err(too_large());
    }
    let url = answer.url().clone();
    let mut bytes = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(|e| lost(&url, &e))? {
        bytes.extend_from_slice(&piece);
        if bytes.len() > LARGEST {
            return Err(too_large());
        }
    }
    Ok(bytes)
}

/// The innermost reason says most.
fn lost(url: &Url, e: &reqwest::Error) -> Problem {
    let mut inner: &dyn std::error::Error = e;
    while let Some(next) = inner.source() {
        inner = next;
    }
    Problem::new(Sort::Unreachable, format!("{url} could not be fetched: {inner}"))
}

/// Whether an address is one of the open internet's. Source: the IANA special-purpose address registries (RFC 6890).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            let special = v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_multicast()
                || v4.is_documentation()
                || a == 0
                || a >= 240
                || (a == 100 && (64..128).contains(&b))
                || (a == 192 && b == 0 && c == 0)
                || (a == 198 && (18..20).contains(&b));
            !special
        }
        IpAddr::V6(v6) => match embedded(v6) {
            Some(v4) => is_public(v4),
            None => {
                let first = v6.segments()[0];
                let special =
                    v6.is_loopback() || v6.is_unspecified() || v6.is_multicast() || first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfe80;
                !special
            }
        },
    }
}

/// The IPv4 address inside: mapped, NAT64 or 6to4.
fn embedded(v6: Ipv6Addr) -> Option<IpAddr> {
    let s = v6.segments();
    let of = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Some(IpAddr::from([a, b, c, d]))
    };
    match s {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => of(high, low),
        [0x2002, high, low, ..] => of(high, low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    /// A server that answers every request with this, and its address.
    async fn server(answer: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        address
    }

    #[tokio::test]
    async fn a_document_is_fetched_where_it_may_be() {
        let there = server("HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nkind: Pod").await;
        assert_eq!(fetch(&format!("{there}/x.yaml"), true).await.unwrap(), b"kind: Pod");
        let refused = fetch(&format!("{there}/x.yaml"), false).await.unwrap_err();
        assert!(refused.sort == Sort::Refused && refused.sentence.contains("private network"), "{refused:?}");
        for inside in [
            "http://localhost/x",
            "http://[::1]/x",
            "http://[::ffff:10.0.0.1]/x",
            "http://169.254.169.254/latest",
            "http://0/x",
            "http://2130706433/",
        ] {
            let refused = fetch(inside, false).await.unwrap_err();
            assert!(refused.sort == Sort::Refused, "{inside}: {refused:?}");
        }
        for bad in ["ftp://example.com/x", "file:///etc/passwd", "http://", "https://joe:secret@example.com/x"] {
            let refused = fetch(bad, true).await.unwrap_err();
            assert!([Sort::Usage, Sort::Refused].contains(&refused.sort) && !refused.sentence.contains("secret"), "{bad}: {refused:?}");
        }
    }

    #[tokio::test]
    async fn what_sends_one_elsewhere_or_never_ends_is_left() {
        let other = server("HTTP/1.1 302 Found\r\nLocation: https://example.com/x\r\nContent-Length: 0\r\n\r\n").await;
        assert!(fetch(&other, true).await.unwrap_err().sentence.contains("https://"));
        let round = server("HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
        assert!(fetch(&round, true).await.unwrap_err().sentence.contains("more than 5 times"));
        let large = server("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\nx").await;
        assert!(fetch(&large, true).await.unwrap_err().sentence.contains("larger than 4 MiB"));
        let gone = server("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
        assert!(fetch(&gone, true).await.unwrap_err().sentence.contains("404"));
        let half = server("HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\nkind").await;
        assert_eq!(fetch(&half, true).await.unwrap_err().sort, Sort::Unreachable);
    }
}

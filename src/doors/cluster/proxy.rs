//! Which proxy leads to the server: `proxy-url` of the kubeconfig, else the environment's, with `NO_PROXY` held against the
//! server (as Go's `httpproxy` does it, which kubectl uses).

use crate::{problem::Problem, world::World};
use http::Uri;
use std::net::IpAddr;

/// The proxy to use, if any.
pub(super) fn of(server: &Uri, kubeconfigs: Option<&str>, world: &World) -> Result<Option<Uri>, Problem> {
    let parse = |text: &str, place: &str| {
        let whole = if text.contains("://") { text.to_string() } else { format!("http://{text}") };
        whole.parse::<Uri>().map(Some).map_err(|e| Problem::failed(format!("{place} is no address: {e}")))
    };
    if let Some(url) = kubeconfigs.filter(|u| !u.is_empty()) {
        return parse(url, "the kubeconfig's proxy-url");
    }
    let names = if server.scheme_str() == Some("http") { ["HTTP_PROXY", "http_proxy"] } else { ["HTTPS_PROXY", "https_proxy"] };
    let Some((name, url)) = names.iter().find_map(|n| Some((n, world.var(n)?))) else { return Ok(None) };
    let exceptions = world.var("NO_PROXY").or_else(|| world.var("no_proxy")).unwrap_or_default();
    if direct(server, exceptions) { Ok(None) } else { parse(url, name) }
}

/// Whether the server is on this machine or a private network: where compressing costs more than sending.
pub(super) fn is_near(server: &Uri) -> bool {
    let host = host_of(server);
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        Ok(IpAddr::V6(ip)) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
        Err(_) => host == "localhost" || host.ends_with(".localhost") || host.ends_with(".svc"),
    }
}

/// Whether the server is on this very machine: where a connection costs more than the way to it.
pub(super) fn is_here(server: &str) -> bool {
    server.parse::<Uri>().is_ok_and(|server| is_own(&host_of(&server)))
}

/// Whether a host is this machine by its name or address.
fn is_own(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn host_of(server: &Uri) -> String {
    server.host().unwrap_or_default().trim_matches(['[', ']']).to_ascii_lowercase()
}

/// Whether `NO_PROXY` (or being on this machine) exempts the server.
fn direct(server: &Uri, exceptions: &str) -> bool {
    let host = host_of(server);
    let port = server.port_u16().unwrap_or(if server.scheme_str() == Some("http") { 80 } else { 443 });
    let ip: Option<IpAddr> = host.parse().ok();
    if is_own(&host) {
        return true;
    }
    exceptions.split(',').map(|e| e.trim().to_ascii_lowercase()).filter(|e| !e.is_empty()).any(|exception| {
        if exception == "*" {
            return true;
        }
        if let (Some(ip), Some((net, bits))) = (ip, exception.split_once('/')) {
            return in_network(ip, net, bits);
        }
        let (name, wanted) = match exception.rsplit_once(':') {
            Some((name, port)) if !name.contains(':') && port.bytes().all(|b| b.is_ascii_digit()) => (name, port.parse().ok()),
            Some(_) | None => (exception.as_str(), None),
        };
        if wanted.is_some_and(|w: u16| w != port) {
            return false;
        }
        let name = name.trim_matches(['[', ']']);
        match ip {
            Some(ip) => name.parse() == Ok(ip),
            // `.example.com` means what is below it; `example.com` itself, too.
            None => match name.strip_prefix("*.").or_else(|| name.strip_prefix('.')) {
                Some(below) => host.strip_suffix(below).is_some_and(|h| h.ends_with('.')),
                None => host == name || host.strip_suffix(name).is_some_and(|h| h.ends_with('.')),
            },
        }
    })
}

fn in_network(ip: IpAddr, net: &str, bits: &str) -> bool {
    let (Ok(net), Ok(bits)) = (net.parse::<IpAddr>(), bits.parse::<u32>()) else { return false };
    match (ip, net) {
        (IpAddr::V4(a), IpAddr::V4(b)) if bits <= 32 => (a.to_bits() ^ b.to_bits()).checked_shr(32 - bits).unwrap_or(0) == 0,
        (IpAddr::V6(a), IpAddr::V6(b)) if bits <= 128 => (a.to_bits() ^ b.to_bits()).checked_shr(128 - bits).unwrap_or(0) == 0,
        (IpAddr::V4(_) | IpAddr::V6(_), _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeMap, sync::Arc};

    fn with(env: &[(&str, &str)]) -> World {
        let mut world = World::fixed(jiff::Timestamp::UNIX_EPOCH, std::path::PathBuf::from("/nowhere"));
        world.env = Arc::new(env.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect::<BTreeMap<_, _>>());
        world
    }

    #[test]
    fn no_proxy_is_held_against_the_server() {
        let through = |server: &str, no: &str| {
            let world = with(&[("HTTPS_PROXY", "proxy.corp:3128"), ("NO_PROXY", no)]);
            of(&server.parse().unwrap(), None, &world).unwrap().is_some()
        };
        assert!(through("https://api.example.com:6443", ""));
        assert!(through("https://api.example.com", "other.com,ample.com"));
        for no in ["*", "example.com", ".example.com", "api.example.com", "x, api.example.com:6443"] {
            assert!(!through("https://api.example.com:6443", no), "{no}");
        }
        assert!(through("https://api.example.com:6443", "api.example.com:443"));
        assert!(!through("https://10.1.2.3", "10.0.0.0/8"));
        assert!(through("https://10.1.2.3", "10.2.0.0/16"));
        assert!(!through("https://[fd00::1]:6443", "fd00::/8"));
        assert!(!through("https://127.0.0.1:6443", ""));
    }

    #[test]
    fn the_kubeconfigs_own_proxy_wins() {
        let world = with(&[("NO_PROXY", "*")]);
        let proxy = of(&"https://api.example.com".parse().unwrap(), Some("socks5://127.0.0.1:1080"), &world).unwrap();
        assert_eq!(proxy.unwrap().to_string(), "socks5://127.0.0.1:1080/");
    }
}

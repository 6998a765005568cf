//! Asking for a credential: what comes back leaves this door apart from everything that may be shown or written down.

use super::{Cluster, Sending, rejection, wire::Outgoing};
use crate::{
    facts::{Rejection, RejectionSort},
    ops::{Call, Sensitive},
};
use serde_json::{Value, json};

impl Cluster {
    /// Sends a TokenRequest: the token, and when it ends.
    ///
    /// # Errors
    /// What the server said, or why it was not reached.
    pub async fn token(&self, call: &Call) -> Result<(Sensitive, Value), Rejection> {
        let outgoing = Outgoing::call(call, Sending::Write(None))?;
        let body = self.ask(&outgoing).await?.accepted()?;
        let none = || rejection::own(RejectionSort::ServerTrouble, "the server's answer holds no token");
        let answer: Value = serde_json::from_slice(&body).map_err(|_| none())?;
        let token = answer.pointer("/status/token").and_then(Value::as_str).ok_or_else(none)?;
        Ok((Sensitive::new(token), json!({"expires": answer.pointer("/status/expirationTimestamp")})))
    }
}

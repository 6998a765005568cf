//! Placement in words: tolerations, node selectors and affinity, spreading over nodes and zones.

use super::super::phrases::{List, list};
use super::{heads::Lack, walk::Walk};
use crate::{
    ops::{
        LabelKey, LabelValue,
        parts::{Apart, Effect, NodeRule, Part, Placing, Spread, Toleration, Topology},
    },
    road::plan::Assumed,
};

/// A rule as far as it was said.
#[derive(Debug, Clone)]
pub enum PlacingDraft {
    Toleration { key: Option<LabelKey>, value: Option<LabelValue>, effect: Option<Effect>, seconds: Option<u32>, every: bool },
    Ready(Placing),
    Rule { key: LabelKey, values: Vec<LabelValue>, wish: Option<bool> },
    Spread { over: Option<Topology>, skew: Option<u32>, wish: Option<bool> },
    Apart { over: Option<Topology>, wish: Option<bool> },
}

const HARD: &List =
    &List::of("required|hard|strict|strictly|must|mandatory|donotschedule|do not schedule|requiredduringschedulingignoredduringexecution");
const SOFT: &List = &List::of(
    "preferred|soft|best effort|best-effort|preferably|scheduleanyway|schedule anyway|if possible|where possible|preferredduringschedulingignoredduringexecution",
);

fn strength(w: &mut Walk) -> Option<bool> {
    if w.eat(HARD) {
        return Some(false);
    }
    w.eat(SOFT).then_some(true)
}

fn label(w: &mut Walk) -> Option<(LabelKey, LabelValue)> {
    w.attempt(|w| {
        let (key, value) = w.pair()?;
        Some((LabelKey::new(key).ok()?, LabelValue::new(value).ok()?))
    })
}

fn topology(w: &mut Walk) -> Option<Topology> {
    w.eat(list!("all|the|different|separate|several|multiple|availability|the different|all the|failure|all available|available|distinct"));
    w.eat(list!("key|topology key|topologykey|topology"));
    if w.eat(list!("nodes|node|hosts|host|hostname|hostnames|machines|worker nodes|kubernetes.io/hostname")) {
        return Some(Topology::Node);
    }
    if w.eat(list!("zones|zone|availability zones|azs|topology.kubernetes.io/zone")) {
        return Some(Topology::Zone);
    }
    w.attempt(|w| w.one(|said| LabelKey::new(said).ok().filter(|key| key.as_str().contains('/')))).map(Topology::Other)
}

/// `dedicated=gpu:NoSchedule`, `dedicated:NoExecute`, `dedicated`.
pub fn taint(said: &str) -> Option<(LabelKey, Option<LabelValue>, Option<Effect>)> {
    let (rest, effect) = match said.rsplit_once(':') {
        Some((rest, word)) => (rest, Some(Effect::of(word)?)),
        None => (said, None),
    };
    let (key, value) = match rest.split_once('=') {
        Some((key, value)) => (key, Some(LabelValue::new(value).ok()?)),
        None => (rest, None),
    };
    Some((LabelKey::new(key).ok()?, value, effect))
}

/// A taint that is plain to see: said to be one, or with a value or an effect.
fn key_of(w: &mut Walk) -> Option<(LabelKey, Option<LabelValue>, Option<Effect>)> {
    w.led(list!("key|for key|for taint|for the taint|with key"), |w| w.one(taint))
        .or_else(|| w.led(list!("for|of|to"), |w| w.one(taint).filter(|(_, value, effect)| value.is_some() || effect.is_some())))
}

impl PlacingDraft {
    /// What begins one.
    pub fn head(w: &mut Walk) -> Option<PlacingDraft> {
        w.attempt(toleration)
            .or_else(|| w.attempt(nodes))
            .or_else(|| w.attempt(rule))
            .or_else(|| w.attempt(spread))
            .or_else(|| w.attempt(apart))
    }

    /// One thing more that is said of it.
    pub fn detail(&mut self, w: &mut Walk) -> bool {
        w.attempt(|w| {
            w.eat(list!("and|,|with|a|the"));
            match self {
                PlacingDraft::Toleration { key, value, effect, seconds, every } => {
                    if effect.is_none()
                        && let Some(found) =
                            w.led(list!("effect|with effect|the effect|effect of"), |w| w.one(Effect::of)).or_else(|| w.one(Effect::of))
                    {
                        *effect = Some(found);
                    } else if value.is_none()
                        && let Some(found) = w.led(list!("value|with value|the value|equal to|equals|and value"), |w| {
                            w.one(|said| LabelValue::new(said).ok())
                        })
                    {
                        *value = Some(found);
                    } else if key.is_none()
                        && !*every
                        && let Some((k, v, e)) = key_of(w)
                    {
                        (*key, *value) = (Some(k), v);
                        *effect = e.or(*effect);
                    } else if value.is_none() && w.eat(list!("operator exists|with operator exists|that exists|exists"))
                        || value.is_some() && w.eat(list!("operator equal|with operator equal"))
                    {
                    } else {
                        *seconds = Some(w.led(list!("for|tolerationseconds|toleration seconds"), Walk::seconds)?);
                    }
                    Some(())
                }
                PlacingDraft::Rule { wish, .. } if wish.is_none() => {
                    *wish = Some(strength(w)?);
                    Some(())
                }
                PlacingDraft::Spread { over, skew, wish } => {
                    if over.is_none()
                        && let Some(found) =
                            w.led(list!("across|over|on|for|by|per|between|key|with topology key|topology key|topologykey"), topology)
                    {
                        *over = Some(found);
                    } else if skew.is_none()
                        && let Some(n) = w.led(list!("max skew|maxskew|max skew of|a max skew of|skew|skew of"), Walk::number)
                    {
                        *skew = Some(n).filter(|n| *n > 0);
                        skew.as_ref()?;
                    } else if wish.is_none() {
                        *wish = Some(strength(w)?);
                    } else {
                        return None;
                    }
                    Some(())
                }
                PlacingDraft::Apart { over, wish } => {
                    if over.is_none()
                        && let Some(found) = w.led(list!("across|over|on|by|per|between|for"), topology)
                    {
                        *over = Some(found);
                    } else if wish.is_none() {
                        *wish = Some(strength(w)?);
                    } else {
                        return None;
                    }
                    Some(())
                }
                PlacingDraft::Rule { .. } | PlacingDraft::Ready(_) => None,
            }
        })
        .is_some()
    }

    /// The rule it comes to, and what nobody said of it.
    pub fn part(&self) -> Result<(Part, Option<Assumed>), Lack> {
        let soft = |said: &str, taken: &str| {
            Some(Assumed {
                said: said.into(),
                taken: taken.into(),
                why: "pods are still placed where it cannot be kept; say required for the other".into(),
            })
        };
        let (placing, assumed) = match self {
            PlacingDraft::Toleration { key: None, every: false, .. } => {
                return Err(Lack::new("key", "which taint shall be tolerated, for example dedicated=gpu:NoSchedule?".into()));
            }
            PlacingDraft::Toleration { effect: None | Some(Effect::NoSchedule | Effect::PreferNoSchedule), seconds: Some(_), .. } => {
                return Err(Lack::new("effect", "a time is for a toleration of NoExecute only; which effect is meant?".into()));
            }
            PlacingDraft::Toleration { key, value, effect, seconds, .. } => {
                (Placing::Toleration(Toleration { key: key.clone(), value: value.clone(), effect: *effect, seconds: *seconds }), None)
            }
            PlacingDraft::Ready(placing) => (placing.clone(), None),
            PlacingDraft::Rule { key, values, wish } => {
                let Some(wish) = *wish else {
                    return Err(Lack::new("strength", "shall that node affinity be required, or only preferred?".into()));
                };
                (Placing::Rule(NodeRule { key: key.clone(), values: values.clone(), wish }), None)
            }
            PlacingDraft::Spread { over: None, .. } | PlacingDraft::Apart { over: None, .. } => {
                return Err(Lack::new("topology", "over what shall they be spread: nodes or zones?".into()));
            }
            PlacingDraft::Spread { over: Some(over), skew, wish } => {
                let assumed = if wish.is_none() { soft("spread", "ScheduleAnyway") } else { None };
                (Placing::Spread(Spread { over: over.clone(), skew: skew.unwrap_or(1), wish: wish.unwrap_or(true) }), assumed)
            }
            PlacingDraft::Apart { over: Some(over), wish } => {
                let assumed = if wish.is_none() { soft("apart", "a preferred anti-affinity") } else { None };
                (Placing::Apart(Apart { over: over.clone(), wish: wish.unwrap_or(true) }), assumed)
            }
        };
        Ok((Part::Placing(placing), assumed))
    }
}

fn toleration(w: &mut Walk) -> Option<PlacingDraft> {
    const NOUN: &List = &List::of("toleration|tolerations|a toleration|the toleration");
    const VERB: &List = &List::of("tolerate|tolerates|tolerating|it tolerate|to tolerate");
    let empty = |every| PlacingDraft::Toleration { key: None, value: None, effect: None, seconds: None, every };
    w.eat(list!("a|the|an"));
    let noun = w.eat(NOUN);
    if !noun && !w.eat(VERB) {
        return None;
    }
    if w.eat(list!("for all taints|for every taint|all taints|every taint|any taint|for any taint|everything|for everything")) {
        return Some(empty(true));
    }
    let spec = w.attempt(|w| {
        let led = w.eat(list!("for|of|to|with|:|against"));
        w.eat(list!("the|a"));
        let said = w.eat(list!("key|taint|taint key|taints|key of|taint with key|node taint"));
        w.eat(list!("the|a"));
        let read = w.one(taint)?;
        let more = led && w.sees(list!("with effect|effect|with value|value|with the effect|with operator")).is_some();
        (said || more || led && read.1.is_some() || read.2.is_some() || !noun && read.1.is_some()).then_some(read)
    });
    match spec {
        Some((key, value, effect)) => Some(PlacingDraft::Toleration { key: Some(key), value, effect, seconds: None, every: false }),
        None if noun => Some(empty(false)),
        None => None,
    }
}

/// `node selector disktype=ssd`, `to nodes with label disktype=ssd`, `on disktype=ssd nodes`.
fn nodes(w: &mut Walk) -> Option<PlacingDraft> {
    w.eat(list!("a|the|an"));
    if w.eat(list!("node selector|nodeselector|node-selector|node selector for|node selector of|nodeselector of|node selector with label"))
    {
        w.eat(list!("label|:|set to|with"));
        let (key, value) = label(w)?;
        return Some(PlacingDraft::Ready(Placing::Selector(key, value)));
    }
    w.eat(list!("run|runs|be scheduled|scheduled|scheduled only|run only|running|land|placed|that runs|it should run|it runs|be placed|scheduled to run|stay"));
    w.eat(list!("only"));
    if !w.eat(list!("to|on|onto")) {
        return None;
    }
    w.eat(list!("only"));
    w.eat(list!("the|a|any|all"));
    if let Some((key, value)) = label(w) {
        return w.eat(list!("nodes|node")).then_some(PlacingDraft::Ready(Placing::Selector(key, value)));
    }
    if !w.eat(list!("nodes|node")) {
        return None;
    }
    w.eat(list!("that|which"));
    w.eat(list!("with|having|labelled|labeled|have|has|are labelled|are labeled|that have|which have|carrying"));
    w.eat(list!("the|a"));
    w.eat(list!("label|labels"));
    let (key, value) = label(w)?;
    Some(PlacingDraft::Ready(Placing::Selector(key, value)))
}

/// `required node affinity for disktype in ssd, nvme`.
fn rule(w: &mut Walk) -> Option<PlacingDraft> {
    w.eat(list!("a|the|an"));
    let wish = strength(w);
    if !w.eat(list!("node affinity|node-affinity|nodeaffinity")) {
        return None;
    }
    w.eat(list!("rule"));
    w.eat(list!("to|for|on|with|that requires|requiring"));
    w.eat(list!("the|a"));
    w.eat(list!("nodes|node"));
    w.eat(list!("with|labelled|labeled|having|where"));
    w.eat(list!("the|a"));
    w.eat(list!("label|labels|key"));
    if let Some((key, value)) = label(w) {
        return Some(PlacingDraft::Rule { key, values: vec![value], wish });
    }
    let key = w.one(|said| LabelKey::new(said).ok())?;
    let mut values = Vec::new();
    if w.eat(list!("in|is|equals|one of|in one of")) {
        w.eat(list!("one of"));
        let brackets = w.eat(list!("("));
        values.push(w.one(|said| LabelValue::new(said).ok())?);
        while let Some(value) = w.led(list!(",|or|and|, or"), |w| w.one(|said| LabelValue::new(said).ok().filter(|_| strength_free(said))))
        {
            values.push(value);
        }
        if brackets && !w.eat(list!(")")) {
            return None;
        }
    } else if !w.eat(list!("exists")) {
        return None;
    }
    Some(PlacingDraft::Rule { key, values, wish })
}

fn strength_free(said: &str) -> bool {
    ![HARD, SOFT].iter().any(|words| words.phrases().any(|word| word == said.to_lowercase()))
}

/// `evenly across zones`, `a topology spread constraint over nodes`.
fn spread(w: &mut Walk) -> Option<PlacingDraft> {
    w.eat(list!("a|the|an"));
    let wish = strength(w);
    if w.eat(list!("topology spread constraint|topology spread constraints|topologyspreadconstraints|topology spread|spread constraint|pod topology spread")) {
        let over = w.led(list!("across|over|on|for|by|per|with topology key|with"), topology);
        return Some(PlacingDraft::Spread { over, skew: None, wish });
    }
    w.eat(list!("evenly|equally|out|pods|spread|spread evenly|the pods"));
    let over = w.led(list!("across|over"), topology)?;
    w.eat(list!("evenly|equally"));
    Some(PlacingDraft::Spread { over: Some(over), skew: None, wish })
}

/// `pod anti-affinity per node`, `on different nodes`.
fn apart(w: &mut Walk) -> Option<PlacingDraft> {
    w.eat(list!("a|the|an"));
    let mut wish = strength(w);
    w.eat(list!("the|a"));
    if w.eat(list!("anti-affinity|anti affinity|pod anti-affinity|pod anti affinity|podantiaffinity|antiaffinity")) {
        w.eat(list!("rule"));
        let over = w.led(list!("across|over|on|by|per|between|for"), topology);
        return Some(PlacingDraft::Apart { over, wish });
    }
    w.eat(list!("run|runs|be|be placed|be scheduled|land"));
    if w.eat(list!("on different nodes|on separate nodes|on distinct nodes|never on the same node|not on the same node")) {
        wish = wish.or_else(|| strength(w));
        return Some(PlacingDraft::Apart { over: Some(Topology::Node), wish });
    }
    if w.eat(list!("in different zones|in separate zones|never in the same zone")) {
        return Some(PlacingDraft::Apart { over: Some(Topology::Zone), wish });
    }
    None
}

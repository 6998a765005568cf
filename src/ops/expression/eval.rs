//! An expression held against one object. Every step is paid for, so that each comes to an end, whatever was written.

use super::{
    Expression,
    worth::{List, Values, Worth},
};
use crate::{ops::look::time, terms::quantity::Quantity};
use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue, SelectExpr};
use jiff::Timestamp;
use regex::{Regex, RegexBuilder};
use serde_json::Value;
use std::{borrow::Cow, cell::Cell, rc::Rc};

/// Steps for one object: a pod of a hundred containers takes some thousands.
const FOR_ONE: u64 = 200_000;
/// Steps for a whole question: a hundred thousand objects, some hundred steps each.
const FOR_ALL: u64 = 20_000_000;
/// How large a compiled pattern may be.
const PATTERN: usize = 1 << 18;
/// What compiling one costs.
const COMPILING: u64 = 5_000;

/// What is left of the steps of a question.
#[derive(Debug)]
pub struct Budget(Cell<u64>);

impl Default for Budget {
    fn default() -> Self {
        Budget(Cell::new(FOR_ALL))
    }
}

/// Why there is no value.
#[derive(Debug, Clone, PartialEq)]
pub enum Stop {
    /// It takes too long.
    Spent,
    /// It cannot be worked out, and why.
    Wrong(String),
}

pub fn wrong(why: impl Into<String>) -> Stop {
    Stop::Wrong(why.into())
}

type Came<'a> = Result<Worth<'a>, Stop>;

/// Whether it holds of an object. Of a Secret only the keys can be looked at.
///
/// # Errors
/// A sentence: a field that is not there, values that cannot be compared, too many steps.
pub fn held(expression: &Expression, object: &Value, secret: bool, now: Timestamp, budget: &Budget) -> Result<bool, String> {
    let left = budget.0.get();
    let mut eval = Eval { object, secret, now, left: left.min(FOR_ONE), bound: Vec::new(), pattern: None };
    let (begun, came) = (eval.left, eval.truth(&expression.tree));
    budget.0.set(left - (begun - eval.left));
    came.map_err(|stop| match stop {
        Stop::Wrong(why) => why,
        Stop::Spent if begun < FOR_ONE => "the expression takes too many steps for so many objects".into(),
        Stop::Spent => "the expression takes too many steps".into(),
    })
}

struct Eval<'a> {
    object: &'a Value,
    secret: bool,
    now: Timestamp,
    left: u64,
    /// Variables of macros; an accumulator may hold an error that a later element makes good.
    bound: Vec<(&'a str, Came<'a>)>,
    /// The pattern that was compiled last.
    pattern: Option<(String, Regex)>,
}

impl<'a> Eval<'a> {
    fn pay(&mut self, steps: u64) -> Result<(), Stop> {
        self.left = self.left.checked_sub(steps).ok_or(Stop::Spent).inspect_err(|_| self.left = 0)?;
        Ok(())
    }

    fn worth(&mut self, tree: &'a IdedExpr) -> Came<'a> {
        self.pay(1)?;
        match &tree.expr {
            Expr::Literal(literal) => literal_worth(literal),
            Expr::Ident(name) => self.named(name),
            Expr::Select(select) => self.select(select),
            Expr::Call(call) => self.call(call),
            Expr::Comprehension(fold) => self.fold(fold),
            Expr::List(list) => {
                let items = list.elements.iter().map(|one| self.worth(one)).collect::<Result<Vec<_>, _>>()?;
                Ok(Worth::List(List::Made(Rc::new(items))))
            }
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => Err(wrong("maps and messages cannot be made here")),
        }
    }

    fn truth(&mut self, tree: &'a IdedExpr) -> Result<bool, Stop> {
        match self.worth(tree)? {
            Worth::Bool(so) => Ok(so),
            other => Err(wrong(format!("the expression is {}, not true or false", other.sort()))),
        }
    }

    fn named(&mut self, name: &'a str) -> Came<'a> {
        if let Some((_, came)) = self.bound.iter().rev().find(|(known, _)| *known == name) {
            let came = came.clone();
            // A text that was made is copied with its name.
            self.pay(came.as_ref().map_or(0, Worth::weight))?;
            return came;
        }
        if name == "object" { Ok(Worth::from(self.object)) } else { self.field(&Worth::from(self.object), name) }
    }

    /// A field of an object; that of a Secret which holds its values is sealed.
    fn field(&mut self, of: &Worth<'a>, name: &str) -> Came<'a> {
        match of {
            Worth::Map(_, Values::Sealed) => {
                Err(wrong("the values of Secrets are out of reach; their keys can be asked for, as in has(data.password)"))
            }
            Worth::Map(map, Values::Open) => {
                let value = map.get(name).ok_or_else(|| wrong(format!("there is no field {name} (has(…) asks whether there is)")))?;
                let whole = self.object.as_object().is_some_and(|object| std::ptr::eq(object, *map));
                match value {
                    Value::Object(inner) if self.secret && whole && ["data", "stringData"].contains(&name) => {
                        Ok(Worth::Map(inner, Values::Sealed))
                    }
                    value => Ok(Worth::from(value)),
                }
            }
            other => Err(wrong(format!("{} has no field {name}", other.sort()))),
        }
    }

    fn select(&mut self, select: &'a SelectExpr) -> Came<'a> {
        let of = self.worth(&select.operand)?;
        match (&of, select.test) {
            (Worth::Map(map, _), true) => Ok(Worth::Bool(map.get(&select.field).is_some_and(|value| !value.is_null()))),
            _ => self.field(&of, &select.field),
        }
    }

    /// One of the macros over a list: `exists`, `all`, `map`, `filter` and the like.
    fn fold(&mut self, fold: &'a ComprehensionExpr) -> Came<'a> {
        let range = self.worth(&fold.iter_range)?;
        let mut total = self.worth(&fold.accu_init);
        let depth = self.bound.len();
        let many = match &range {
            Worth::List(list) => list.len(),
            Worth::Map(map, _) => map.len(),
            other => return Err(wrong(format!("{} is no list", other.sort()))),
        };
        let mut keys = if let Worth::Map(map, _) = &range { Some(map.keys()) } else { None };
        for at in 0..many {
            let item = match (&range, keys.as_mut().and_then(Iterator::next)) {
                (Worth::List(list), _) => list.get(at).unwrap_or(Worth::Null),
                (_, Some(key)) => Worth::Text(Cow::Borrowed(key.as_str())),
                (_, None) => break,
            };
            self.pay(item.weight())?;
            // With two variables the first is the place or the key.
            if let Some(second) = &fold.iter_var2 {
                let (first, value) = match &range {
                    Worth::List(_) => (Worth::Int(i64::try_from(at).unwrap_or(i64::MAX)), Ok(item)),
                    _of_a_map => (item.clone(), self.field(&range, text_of(&item))),
                };
                self.bound.push((fold.iter_var.as_str(), Ok(first)));
                self.bound.push((second.as_str(), value));
            } else {
                self.bound.push((fold.iter_var.as_str(), Ok(item)));
            }
            self.bound.push((fold.accu_var.as_str(), total));
            let goes_on = self.truth(&fold.loop_cond);
            total = match goes_on {
                Ok(true) => self.worth(&fold.loop_step),
                Ok(false) | Err(_) => self.named(&fold.accu_var),
            };
            self.bound.truncate(depth);
            if self.left == 0 {
                return Err(Stop::Spent);
            }
            match goes_on {
                Ok(true) => {}
                Ok(false) => break,
                Err(stop) => return Err(stop),
            }
        }
        self.bound.push((fold.accu_var.as_str(), total));
        let result = self.worth(&fold.result);
        self.bound.truncate(depth);
        result
    }

    /// `&&` and `||`: the side that decides does so whatever the other comes to.
    fn joined(&mut self, args: &'a [IdedExpr], decides: bool) -> Came<'a> {
        let left = self.truth(&args[0]);
        if left == Ok(decides) || left == Err(Stop::Spent) {
            return left.map(Worth::Bool);
        }
        match (left, self.truth(&args[1])) {
            (_, Ok(right)) if right == decides => Ok(Worth::Bool(decides)),
            (_, Err(Stop::Spent)) => Err(Stop::Spent),
            (Err(stop), _) | (Ok(_), Err(stop)) => Err(stop),
            (Ok(_), Ok(right)) => Ok(Worth::Bool(right)),
        }
    }

    fn call(&mut self, call: &'a CallExpr) -> Came<'a> {
        let name = call.func_name.as_str();
        match name {
            "_&&_" => return self.joined(&call.args, false),
            "_||_" => return self.joined(&call.args, true),
            "_?_:_" => return if self.truth(&call.args[0])? { self.worth(&call.args[1]) } else { self.worth(&call.args[2]) },
            "@not_strictly_false" => {
                return match self.truth(&call.args[0]) {
                    Err(Stop::Spent) => Err(Stop::Spent),
                    came => Ok(Worth::Bool(came != Ok(false))),
                };
            }
            _functions_of_values => {}
        }
        let target = call.target.iter().map(|target| &**target);
        let args = target.chain(&call.args).map(|one| self.worth(one)).collect::<Result<Vec<_>, _>>()?;
        // Looking into a list or an object by a key takes no longer because it is large.
        if name != "_[_]" {
            self.pay(args.iter().map(Worth::weight).fold(0, u64::saturating_add))?;
        }
        match args.as_slice() {
            [one] => self.of_one(name, one),
            [left, right] => self.of_two(name, left, right),
            _ => Err(wrong(format!("{name}() takes other arguments"))),
        }
    }

    fn of_one(&mut self, name: &str, one: &Worth<'a>) -> Came<'a> {
        let unfit = || wrong(format!("{} cannot be asked of {}", name.trim_matches('_'), one.sort()));
        let whole = |n: usize| Worth::Int(i64::try_from(n).unwrap_or(i64::MAX));
        Ok(match (name, one) {
            ("!_", Worth::Bool(so)) => Worth::Bool(!so),
            ("-_", Worth::Int(n)) => Worth::Int(n.checked_neg().ok_or_else(unfit)?),
            ("-_", Worth::Double(n)) => Worth::Double(-n),
            ("size", Worth::Text(text)) => whole(text.chars().count()),
            ("size", Worth::List(list)) => whole(list.len()),
            ("size", Worth::Map(map, _)) => whole(map.len()),
            ("lowerAscii", Worth::Text(text)) => Worth::Text(text.to_ascii_lowercase().into()),
            ("upperAscii", Worth::Text(text)) => Worth::Text(text.to_ascii_uppercase().into()),
            ("trim", Worth::Text(text)) => Worth::Text(text.trim().to_string().into()),
            ("string", Worth::Text(_)) | ("int", Worth::Int(_)) | ("double", Worth::Double(_)) => one.clone(),
            ("string", Worth::Int(n)) => Worth::Text(n.to_string().into()),
            ("string", Worth::Double(n)) => Worth::Text(n.to_string().into()),
            ("string", Worth::Bool(so)) => Worth::Text(so.to_string().into()),
            ("int", Worth::Text(text)) => Worth::Int(text.parse().map_err(|_| wrong(format!("{text:?} is no whole number")))?),
            #[allow(clippy::cast_possible_truncation, reason = "CEL cuts the fraction off; what is out of range becomes the nearest")]
            ("int", Worth::Double(n)) => Worth::Int(*n as i64),
            ("double", Worth::Int(_)) => Worth::Double(one.number()),
            ("double", Worth::Text(text)) => Worth::Double(text.parse().map_err(|_| wrong(format!("{text:?} is no number")))?),
            ("quantity", Worth::Text(text)) => Worth::Double(quantity(text)?),
            ("quantity", Worth::Int(_) | Worth::Double(_)) => Worth::Double(one.number()),
            ("seconds", Worth::Text(text)) => {
                Worth::Int(self.now.as_second() - time(text).ok_or_else(|| wrong(format!("{text:?} is no time")))?.as_second())
            }
            _ => return Err(unfit()),
        })
    }

    fn of_two(&mut self, name: &str, left: &Worth<'a>, right: &Worth<'a>) -> Came<'a> {
        use std::cmp::Ordering as O;
        let unfit = || wrong(format!("{} cannot be asked of {} and {}", name.trim_matches('_'), left.sort(), right.sort()));
        let by = |is: fn(O) -> bool| left.order(right).map(|order| Worth::Bool(order.is_some_and(is)));
        match (name, left, right) {
            ("_==_", ..) => self.same(left, right).map(Worth::Bool),
            ("_!=_", ..) => self.same(left, right).map(|same| Worth::Bool(!same)),
            ("_<_", ..) => by(O::is_lt),
            ("_<=_", ..) => by(O::is_le),
            ("_>_", ..) => by(O::is_gt),
            ("_>=_", ..) => by(O::is_ge),
            ("@in", one, Worth::List(list)) => {
                for at in 0..list.len() {
                    if self.same(one, &list.get(at).unwrap_or(Worth::Null))? {
                        return Ok(Worth::Bool(true));
                    }
                }
                Ok(Worth::Bool(false))
            }
            ("@in", Worth::Text(key), Worth::Map(map, _)) => Ok(Worth::Bool(map.contains_key(key.as_ref()))),
            ("_[_]", of @ Worth::Map(..), Worth::Text(key)) => self.field(of, key),
            ("_[_]", Worth::List(list), Worth::Int(at)) => {
                let item = usize::try_from(*at).ok().and_then(|at| list.get(at));
                item.ok_or_else(|| wrong(format!("the list has no place {at}")))
            }
            ("contains", Worth::Text(text), Worth::Text(part)) => Ok(Worth::Bool(text.contains(part.as_ref()))),
            ("startsWith", Worth::Text(text), Worth::Text(part)) => Ok(Worth::Bool(text.starts_with(part.as_ref()))),
            ("endsWith", Worth::Text(text), Worth::Text(part)) => Ok(Worth::Bool(text.ends_with(part.as_ref()))),
            ("matches", Worth::Text(text), Worth::Text(pattern)) => self.matches(text, pattern).map(Worth::Bool),
            // What a macro gathers: the size of what comes of it was paid for above.
            ("_+_", Worth::List(one), Worth::List(other)) => {
                let all = (0..one.len()).filter_map(|at| one.get(at)).chain((0..other.len()).filter_map(|at| other.get(at)));
                Ok(Worth::List(List::Made(Rc::new(all.collect()))))
            }
            ("_+_", Worth::Text(one), Worth::Text(other)) => Ok(Worth::Text(format!("{one}{other}").into())),
            (_, Worth::Int(a), Worth::Int(b)) => {
                let came = match name {
                    "_+_" => a.checked_add(*b),
                    "_-_" => a.checked_sub(*b),
                    "_*_" => a.checked_mul(*b),
                    "_/_" => a.checked_div(*b),
                    "_%_" => a.checked_rem(*b),
                    _ => None,
                };
                came.map(Worth::Int).ok_or_else(unfit)
            }
            (_, Worth::Int(_) | Worth::Double(_), Worth::Int(_) | Worth::Double(_)) => {
                let (a, b) = (left.number(), right.number());
                Ok(Worth::Double(match name {
                    "_+_" => a + b,
                    "_-_" => a - b,
                    "_*_" => a * b,
                    "_/_" => a / b,
                    _ => return Err(unfit()),
                }))
            }
            _ => Err(unfit()),
        }
    }

    /// Whether two values are equal, to any depth; of different sorts they are not.
    fn same(&mut self, left: &Worth<'a>, right: &Worth<'a>) -> Result<bool, Stop> {
        self.pay(1 + left.weight().min(right.weight()))?;
        Ok(match (left, right) {
            (Worth::Null, Worth::Null) => true,
            (Worth::Bool(a), Worth::Bool(b)) => a == b,
            (Worth::Text(a), Worth::Text(b)) => a == b,
            (Worth::Int(a), Worth::Int(b)) => a == b,
            (Worth::Int(_) | Worth::Double(_), Worth::Int(_) | Worth::Double(_)) => left.number() == right.number(),
            (Worth::List(a), Worth::List(b)) => {
                if a.len() != b.len() {
                    return Ok(false);
                }
                for at in 0..a.len() {
                    if !self.same(&a.get(at).unwrap_or(Worth::Null), &b.get(at).unwrap_or(Worth::Null))? {
                        return Ok(false);
                    }
                }
                true
            }
            (Worth::Map(a, Values::Open), Worth::Map(b, Values::Open)) => {
                if a.len() != b.len() {
                    return Ok(false);
                }
                for (key, value) in *a {
                    let Some(other) = b.get(key) else { return Ok(false) };
                    // Through `field`, so that what is sealed stays so.
                    let (value, other) = (self.lent(a, key, value), self.lent(b, key, other));
                    if !self.same(&value, &other)? {
                        return Ok(false);
                    }
                }
                true
            }
            (Worth::Map(_, Values::Sealed), _) | (_, Worth::Map(_, Values::Sealed)) => {
                return Err(wrong("the values of Secrets are out of reach"));
            }
            _of_two_sorts => false,
        })
    }

    fn lent(&mut self, of: &'a serde_json::Map<String, Value>, key: &str, value: &'a Value) -> Worth<'a> {
        self.field(&Worth::Map(of, Values::Open), key).unwrap_or_else(|_| Worth::from(value))
    }

    /// Patterns are the `regex` crate's, which never take longer than the text is long; how large one may become is bounded.
    fn matches(&mut self, text: &str, pattern: &str) -> Result<bool, Stop> {
        if self.pattern.as_ref().is_none_or(|(known, _)| known != pattern) {
            self.pay(COMPILING)?;
            let built = RegexBuilder::new(pattern).size_limit(PATTERN).dfa_size_limit(PATTERN).nest_limit(24).build();
            let regex = built
                .map_err(|_| wrong(format!("{:?} is no pattern, or too large a one", pattern.chars().take(60).collect::<String>())))?;
            self.pattern = Some((pattern.to_string(), regex));
        }
        self.pay(u64::try_from(text.len()).unwrap_or(u64::MAX) / 2)?;
        Ok(self.pattern.as_ref().is_some_and(|(_, regex)| regex.is_match(text)))
    }
}

fn text_of<'b>(worth: &'b Worth<'_>) -> &'b str {
    if let Worth::Text(text) = worth { text } else { "" }
}

fn literal_worth(literal: &LiteralValue) -> Came<'_> {
    Ok(match literal {
        LiteralValue::Null => Worth::Null,
        LiteralValue::Boolean(so) => Worth::Bool(*so.inner()),
        LiteralValue::Int(n) => Worth::Int(*n.inner()),
        LiteralValue::UInt(n) => Worth::Int(i64::try_from(*n.inner()).map_err(|_| wrong("the number is too large"))?),
        LiteralValue::Double(n) => Worth::Double(*n.inner()),
        LiteralValue::String(text) => Worth::Text(Cow::Borrowed(text.inner())),
        LiteralValue::Bytes(_) => return Err(wrong("bytes cannot be compared here")),
    })
}

/// `500m`, `1Gi` as a number: cores, bytes, pieces.
#[allow(clippy::cast_precision_loss, reason = "billionths of a quantity, held against others of its sort")]
fn quantity(text: &str) -> Result<f64, Stop> {
    let quantity: Quantity = text.parse().map_err(|_| wrong(format!("{text:?} is no quantity")))?;
    Ok(quantity.nanos() as f64 / 1e9)
}

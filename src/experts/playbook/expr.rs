//! One CEL expression: compiled when it is first needed, evaluated over plain JSON values.

use super::functions;
use cel::{
    Context, Env, Program, Value as Cel,
    common::ast::{EntryExpr, Expr as Ast, IdedExpr},
};
use jiff::Timestamp;
use serde_json::Value;
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, LazyLock, OnceLock},
};

/// Longer expressions are refused: nobody wrote them by hand, and the parser's work grows with them.
const LONGEST: usize = 4_000;

static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| {
    let mut env = Env::stdlib();
    // Neither can be declared already: the environment was made in the line above.
    let _ = env.add_extension(cel::extensions::strings);
    Arc::new(env)
});

/// A CEL expression and where it stands in its file.
#[derive(Debug)]
pub struct Expr {
    source: String,
    /// Line of the text it was written in.
    pub line: u64,
    /// Column of it.
    pub column: u64,
    program: OnceLock<Result<Program, String>>,
}

/// What an expression can see: the steps' values, and those of the item that is looked at.
#[derive(Debug, Clone)]
pub struct Scope<'a> {
    /// By name.
    pub values: &'a BTreeMap<String, Value>,
    /// The item of `each` or `for_each`, seen as `it`.
    pub it: Option<&'a Value>,
    /// What ages are counted from.
    pub now: Timestamp,
}

impl Expr {
    /// An expression as it was written, not yet compiled.
    pub fn new(source: &str, line: u64, column: u64) -> Expr {
        Expr { source: source.trim().to_string(), line, column, program: OnceLock::new() }
    }

    /// The expression as it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    fn program(&self) -> Result<&Program, String> {
        let compiled = self.program.get_or_init(|| {
            if self.source.len() > LONGEST {
                return Err(format!("it is longer than {LONGEST} characters"));
            }
            ENV.compile(&self.source).map_err(|errors| {
                let first = errors.errors.first();
                first.map_or_else(|| errors.to_string(), |e| format!("{} (column {} of the expression)", e.msg, e.pos.1))
            })
        });
        compiled.as_ref().map_err(Clone::clone)
    }

    /// The variables it needs from outside and the functions it calls.
    ///
    /// # Errors
    /// What the compiler says.
    pub fn names(&self) -> Result<Names, String> {
        let mut names = Names::default();
        walk(self.program()?.expression(), &mut Vec::new(), &mut names);
        Ok(names)
    }

    /// Its value.
    ///
    /// # Errors
    /// A sentence: it does not compile, a field is missing, types do not fit.
    pub fn eval(&self, scope: &Scope<'_>) -> Result<Value, String> {
        let program = self.program()?;
        if let Some(value) = direct(program.expression(), scope) {
            return Ok(value.into_owned());
        }
        let mut context = Context::with_env(Arc::clone(&ENV));
        functions::add(&mut context, scope.now);
        // Binding copies: only what is named is bound.
        let mut names = Names::default();
        walk(program.expression(), &mut Vec::new(), &mut names);
        for name in &names.variables {
            let value = if name == "it" { scope.it } else { scope.values.get(name) };
            if let Some(value) = value {
                context.add_variable_from_value(name.as_str(), to_cel(value));
            }
        }
        program.execute(&context).map(|value| from_cel(&value)).map_err(|e| shortened(&e.to_string()))
    }

    /// Whether it holds.
    ///
    /// # Errors
    /// As [`Expr::eval`], and where it is no boolean.
    pub fn holds(&self, scope: &Scope<'_>) -> Result<bool, String> {
        match self.eval(scope)? {
            Value::Bool(yes) => Ok(yes),
            other => Err(format!("true or false was expected, not {}", shortened(&other.to_string()))),
        }
    }

    /// The list it yields.
    ///
    /// # Errors
    /// As [`Expr::eval`], and where it is no list.
    pub fn list(&self, scope: &Scope<'_>) -> Result<Vec<Value>, String> {
        match self.eval(scope)? {
            Value::Array(list) => Ok(list),
            other => Err(format!("a list was expected, not {}", shortened(&other.to_string()))),
        }
    }
}

/// What an expression names.
#[derive(Debug, Default)]
pub struct Names {
    /// Free variables.
    pub variables: BTreeSet<String>,
    /// Functions, operators included (`_==_`).
    pub functions: BTreeSet<String>,
}

/// The value of a function called on nothing but variables and other such calls, without carrying them over to CEL and back:
/// most of what is done to whole lists is that, and copying a large cluster four times over is what would take long.
fn direct<'a>(expr: &IdedExpr, scope: &Scope<'a>) -> Option<Cow<'a, Value>> {
    match &expr.expr {
        Ast::Ident(name) if name == "it" => scope.it.map(Cow::Borrowed),
        Ast::Ident(name) => scope.values.get(name).map(Cow::Borrowed),
        Ast::Call(call) if call.target.is_none() => {
            let function = functions::find(&call.func_name, call.args.len())?;
            let args = call.args.iter().map(|arg| direct(arg, scope)).collect::<Option<Vec<_>>>()?;
            let args: Vec<&Value> = args.iter().map(AsRef::as_ref).collect();
            Some(Cow::Owned(function(&args, scope.now)))
        }
        Ast::Call(_)
        | Ast::Comprehension(_)
        | Ast::List(_)
        | Ast::Literal(_)
        | Ast::Map(_)
        | Ast::Select(_)
        | Ast::Struct(_)
        | Ast::Unspecified => None,
    }
}

fn walk(expr: &IdedExpr, bound: &mut Vec<String>, names: &mut Names) {
    match &expr.expr {
        Ast::Unspecified | Ast::Literal(_) => {}
        Ast::Ident(name) => {
            if !name.starts_with('@') && !bound.contains(name) {
                names.variables.insert(name.clone());
            }
        }
        Ast::Call(call) => {
            names.functions.insert(call.func_name.clone());
            if let Some(target) = &call.target {
                walk(target, bound, names);
            }
            call.args.iter().for_each(|arg| walk(arg, bound, names));
        }
        Ast::Comprehension(comp) => {
            walk(&comp.iter_range, bound, names);
            walk(&comp.accu_init, bound, names);
            let depth = bound.len();
            bound.push(comp.iter_var.clone());
            bound.extend(comp.iter_var2.clone());
            bound.push(comp.accu_var.clone());
            walk(&comp.loop_cond, bound, names);
            walk(&comp.loop_step, bound, names);
            walk(&comp.result, bound, names);
            bound.truncate(depth);
        }
        Ast::List(list) => list.elements.iter().for_each(|e| walk(e, bound, names)),
        Ast::Map(map) => map.entries.iter().for_each(|e| entry(&e.expr, bound, names)),
        Ast::Struct(made) => made.entries.iter().for_each(|e| entry(&e.expr, bound, names)),
        Ast::Select(select) => walk(&select.operand, bound, names),
    }
}

fn entry(entry: &EntryExpr, bound: &mut Vec<String>, names: &mut Names) {
    match entry {
        EntryExpr::StructField(field) => walk(&field.value, bound, names),
        EntryExpr::MapEntry(pair) => {
            walk(&pair.key, bound, names);
            walk(&pair.value, bound, names);
        }
    }
}

/// JSON as CEL sees it: whole numbers are `int`, others `double`.
pub fn to_cel(value: &Value) -> Cel {
    match value {
        Value::Null => Cel::Null,
        Value::Bool(b) => Cel::Bool(*b),
        Value::Number(n) => n.as_i64().map_or_else(|| Cel::Float(n.as_f64().unwrap_or(f64::NAN)), Cel::Int),
        Value::String(s) => Cel::String(Arc::new(s.clone())),
        Value::Array(list) => Cel::List(Arc::new(list.iter().map(to_cel).collect())),
        Value::Object(map) => {
            let map: std::collections::HashMap<String, Cel> = map.iter().map(|(k, v)| (k.clone(), to_cel(v))).collect();
            map.into()
        }
    }
}

/// And back; what JSON has no word for becomes its text.
pub fn from_cel(value: &Cel) -> Value {
    match value {
        Cel::Null => Value::Null,
        Cel::Bool(b) => Value::Bool(*b),
        Cel::Int(n) => Value::from(*n),
        Cel::UInt(n) => Value::from(*n),
        Cel::Float(n) => Value::from(*n),
        Cel::String(s) => Value::String(s.to_string()),
        Cel::List(list) => Value::Array(list.iter().map(from_cel).collect()),
        Cel::Map(map) => Value::Object(map.map.iter().map(|(k, v)| (k.to_string(), from_cel(v))).collect()),
        other => match <&cel::objects::OptionalValue>::try_from(other) {
            Ok(optional) => optional.value().map_or(Value::Null, from_cel),
            Err(_) => Value::String(format!("{other:?}")),
        },
    }
}

/// An error sentence without the values that CEL prints into it.
fn shortened(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= 160 { line.to_string() } else { format!("{}…", line.chars().take(159).collect::<String>()) }
}

//! The phrases in which a request is put: ways to ask how, leads that say nothing, what stands before a colon.

use super::super::phrases::List;

/// Ways to ask how; `*` stands for any one word.
pub const HOW: &List = &List::of(
    "how do *|how can *|how can i best|looking for a way to|i am looking for a way to|can you tell me how to|could you tell me how to|\
    what is the best way to|is there some way to|how could *|how would *|how should *|how to|how does one|how might *|\
    what is the command to|what is the * command to|what is the command for|what is the * command for|what command do i use to|\
    which command do i use to|what is the way to|what is the * way to|what is a good way to|is there a way to|is there any way to|\
    is there a command to|is it possible to|is there an easy way to|show me how to|tell me how to|show how to|explain how to|\
    where can *|command to|the command to|a command to|kubectl command to|the kubectl command to",
);

/// What leads to a request and says nothing of it.
pub const LEADS: &List = &List::of(
    "you can also|you can|you may|you should|one may|one can|we can|we need to|we want to|we have to|i need to|i have to|\
    i want to|i wanna|i would like to|we would like to|i would want to|i like to|i got to|i gotta|we must|you need to|\
    you have to|can you help me|let us now|let us|next up|so|ok|okay|ok so|alright|well|hmm|hey|yo|pls|first of all|\
    second|third|lastly|after that|we now|we then|we|it is time to|i am trying to|i try to|trying to|need to|want to|\
    help me to|help me|go ahead and|remember to|do not forget to|make sure to|be sure to|use kubectl to|use the kubectl command to|\
    use a command to|time to|please|now|next|first|finally|afterwards|then|again|once more|here we|here you|kubectl|\
    kubernetes|k8s|in kubernetes|quickly|just|manually|temporarily|simply|also",
);

/// Behind these a verb stands in the third person: "this command lists the pods".
pub const COMMANDS: &List = &List::of(
    "which kubectl command|which command|what kubectl command|what command|which single command|this kubectl command|this command|the following command|the command below|the following|a command that|command that",
);

/// What may stand anywhere and says only with what.
pub const MEANS: &List = &List::of(
    "by using kubectl|by means of kubectl|using kubectl|with kubectl|via kubectl|through kubectl|using the kubectl command|\
    using a kubectl command|with a kubectl command|with one kubectl command|with a single kubectl command|with a single command|\
    with one command|in a single command|in one command|in kubernetes|on kubernetes|in k8s|from the command line|on the command line|\
    from the terminal|using the command line|from the cli|in one go|in a single step",
);

/// Before a colon these lead to a value: "command: get pods".
pub const VALUED: &List = &List::of(
    "label|labels|annotation|annotations|name|image|command|port|ports|namespace|verbs|verb|resources|key|keys|value|\
    values|env|schedule|error|message|args|arguments",
);

/// Before a colon these lead to what somebody else said, and that is no request.
pub const SPEECH: &List = &List::of(
    "say|says|said|tell|tells|told|write|writes|wrote|read|reads|log|logs|message|error|output|text|comment|note|prompt|\
    instruction|instructions|approved|approves|orders|ordered|wants|asks|asked|quote|reply|answer|echo|print|prints",
);

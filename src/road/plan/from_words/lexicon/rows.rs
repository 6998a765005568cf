//! The data: what each phrase may mean. To teach a word, add it to a row; phrases are parted by `|`.

use super::{
    Act, Goal,
    Sense::{self, self as S},
    State,
};

/// Every row: a meaning and the phrases that have it.
pub const ROWS: &[(Sense, &str)] = &[
    // Verbs that stand for one thing each.
    (
        S::Act(Act::Describe),
        "describe|describing|inspect|details of|details about|details on|details for|detail of|detailed information about|\
         detailed information on|more about|tell me about|tell me more about|information about|info about|info on|\
         show details of|show details for|show details about",
    ),
    (S::Act(Act::Scale), "scale|scaling|rescale|resize|upscale|downscale"),
    (
        S::Act(Act::Restart),
        "restart|bounce|recycle|restart the rollout of|restart the rollout|rolling restart|rollout restart|roll restart|do a rolling restart|perform a rolling restart|\
         perform rolling restart",
    ),
    (
        S::Act(Act::RollBack),
        "roll back|rollback|undo the last change to|undo the last change of|undo the last update to|undo the last update of|undo the last rollout to|rolling back|rollout undo|undo the rollout|undo rollout|undo the last rollout|undo the deployment|\
         undo the last deployment|revert|go back",
    ),
    (S::Act(Act::Undo), "undo|take that back|take it back"),
    (
        S::Act(Act::Delete),
        "delete|deleting|uninstall|remove|removing|rm|del|destroy|erase|wipe|wipe out|purge|get rid of|kill|terminate|nuke|drop|clean up|\
         cleanup|clean out|tear down|take down",
    ),
    (
        S::Act(Act::Unlabel),
        "unlabel|remove label|remove the label|remove labels|remove the labels|delete label|delete the label|drop the label|\
         drop label|by removing a label|removing a label|removing the label|by removing the label|strip the label|\
         take the label|take label",
    ),
    (
        S::Act(Act::Cordon),
        "cordon|cordon off|stop new pods from being scheduled on|prevent new pods from being scheduled on|prevent pods from being scheduled on|stop pods from being scheduled on|keep new pods off|stop new pods on|disable scheduling on|stop scheduling on|prevent scheduling on|stop scheduling pods on|\
         prevent new pods on",
    ),
    (S::Act(Act::Uncordon), "uncordon|enable scheduling on|allow scheduling on|resume scheduling on|allow pods on"),
    (S::Act(Act::Create), "request a|issue a|mint a|create|define|set up a|set up an|establish|creating|generate|generating"),
    (
        S::Act(Act::Apply),
        "apply|create or update|applying|apply the configuration in|apply the configuration from|apply the config in|apply the config from|apply configuration from",
    ),
    (
        S::Act(Act::Help),
        "help|what can you do|what can i do|what do you do|what can i ask|what can i say|what can i ask you|\
         what are you able to do|how does this work|help me",
    ),
    // As it is typed in a hurry.
    (S::Act(Act::Delete), "blow away|throw away|zap|trash|scrap"),
    (S::Act(Act::Uncordon), "put back in rotation|back in rotation|put back into rotation|back into rotation|let pods back on"),
    (S::Act(Act::Cordon), "no new pods on|no more pods on|no more new pods on|take out of rotation|out of rotation"),
    (S::Act(Act::Forward), "pf|fwd|port fwd"),
    (S::Act(Act::Trigger), "fire|fire off|launch a run of|run now"),
    (S::Act(Act::Delete), "unset"),
    (S::Act(Act::Edit), "open in my editor|open in an editor|open in the editor"),
    (S::Act(Act::Diff), "drift check|drift check of|check for drift|check for drift in|vs live|versus live|against live"),
    (S::Topic(Act::Usage), "ate|eats|eaten|hogging|hogs|ate all|eating all|using all|hogging all|eating up all|eats all|gobbling up"),
    (S::Most, "hottest|hottest first|busiest|busiest first|hungriest|hungriest first|biggest consumers|greediest"),
    (
        S::Topic(Act::Line("config current-context")),
        "ctx am i on|ctx am i in|my ctx|my current ctx|context do i use|context am i using|ctx am i using",
    ),
    (S::Topic(Act::Line("config get-contexts")), "ctx list|ctxs|all ctx|context list|contexts do i have|contexts there are"),
    (
        S::Topic(Act::Line("config get-clusters")),
        "clusters does my kubeconfig know about|clusters does my kubeconfig know|clusters my kubeconfig knows about|clusters are in my kubeconfig|\
         clusters does my kubeconfig have",
    ),
    (
        S::Topic(Act::Line("auth whoami")),
        "who does the cluster think i am|who does the server think i am|who the cluster thinks i am|who the server thinks i am|\
         as whom am i logged in|which account am i using|my user name in the cluster",
    ),
    (
        S::Topic(Act::Line("version")),
        "kubernetes version is the server on|version is the server on|version is the cluster on|kubernetes version is the server running|\
         kubernetes version is the cluster on|version is the server running|\
         version does the server run|version does the cluster run|kubernetes version is this",
    ),
    (
        S::Topic(Act::Line("cluster-info")),
        "address does the control plane answer|address does the api server answer|address does the server answer|\
         where the control plane is|where the api server is|where is the api server",
    ),
    (
        S::Topic(Act::Line("api-resources")),
        "short names exist for the resource types|short names of the resource types|short names of the kinds|short names for kinds|\
         short names of resources|short names for resources|resource short names",
    ),
    (S::Topic(Act::Status), "done|all done|rollout done|go through|gone through|went through"),
    (S::Topic(Act::Events), "has been happening|been happening|been going on|has been going on|been up to"),
    (S::Topic(Act::Logs), "printed|has printed|has logged|logged|wrote|has written|written to its log|written to the log"),
    (
        S::Previous,
        "before restart|before its restart|before it restarted|before its last restart|before it died|before it died the last time|the last time it died|before dying|the last time it crashed",
    ),
    (S::SortedByTime, "in order of time|in time order|in the order of time"),
    (S::Which, "when did|when was|when were|when has|when does|when is"),
    (S::And, "+"),
    (
        S::Filler,
        "asap|quick|from here on|from now on|and how often|pls|plz|urgently|real quick|right away|straight away|this minute|please please",
    ),
    // What a weak verb is about.
    (S::Topic(Act::Logs), "logs|log|application logs|app logs|log output|log lines|logfile|log file|console output|stdout"),
    (S::Topic(Act::Events), "what happened|what has happened|what is happening|events|event|ev"),
    (
        S::Topic(Act::Status),
        "status|rollout status|finished|is done|finish|finished rolling out yet|rolling update status|rollout progress|deployment status|rollout|state|rolled out|\
         rolled out yet|done rolling out|finished rolling out|rolling out|fully rolled out|rollout state|deployment progress",
    ),
    (
        S::Topic(Act::History),
        "history|rollout history|revision history|deployment history|rollout revisions|previous revisions|past revisions|\
         revisions|previous rollouts|past rollouts|former revisions",
    ),
    (
        S::Topic(Act::Usage),
        "usage|utilization|utilisation|consumption|resource usage|resource utilization|resource utilisation|\
         resource consumption|resources usage|resource metrics|top|metrics|how busy|how busy are|how busy is|how loaded are|how loaded is|using|consuming|how much|taking|eating|burning|using up",
    ),
    (S::Cpu, "cpu|cpus|processor"),
    (S::Memory, "memory|mem|ram"),
    (S::Resource, "resource|resources"),
    // Weak verbs.
    (
        S::Show,
        "can i see|can i get|can i have|could i see|could i get|could i have|may i see|may i have|show|show me|get|get me|check how|see how|find out how|monitor|keep an eye on|list|display|print|fetch|view|see|find|return|retrieve|read|check|check on|check if|\
         check whether|see if|tell me|tell me if|tell me whether|let me see|let me know|verify|verify that|look at|\
         render the list of|render a list of|have a look at|take a look at|dump|output|query|want to see|i want to see|i need to see|need to see|get a list of|\
         list out|a list of|list of|watch|lookup|look up|pull|pull up|show all the|grab|enumerate|are there any|are there|\
         is there a|is there any|is there an|summarize|provide|sort|give an overview of|overview of",
    ),
    (S::Want, "give|give me|i want|i need|want|need|i would want"),
    (
        S::Alter(0),
        "set|patch|patching|place|update|change|modify|bump|upgrade|make|put|switch|add|adjust|bring|turn|move|use|make sure|ensure|keep|downgrade|\
         updating|changing",
    ),
    (S::Alter(1), "increase|raise|grow|expand"),
    (S::Alter(-1), "decrease|reduce|lower|shrink|cut"),
    (S::Mark, "mark|marking"),
    (S::Label, "label|labelling|labeling"),
    (
        S::Labels,
        "label information|label info|their label information|labels|labelled|labeled|all labels|their labels|the labels|labels of|labels for|labels on|labels assigned to",
    ),
    // Questions.
    (S::HowMany, "how many|count|count of|number of|the number of|what number of|count the|count how many"),
    (S::Which, "when will we need to add|when will we need|when do we need|which|what|what is|what are|where is|where are|who"),
    (S::Be, "is|are|how is|how are|was|were|be|been|being|has|have|had|do|does|did"),
    (
        S::Why,
        "why|why is|why are|why does|why do|why did|how come|what is causing|what causes|what caused|check why|what made|\
         find out why|figure out why|tell me why",
    ),
    (
        S::Lesson,
        "how|how does one|how do i|how do you|how does|how can i|how can we|how to|how should|how should i|how would|how would i|what is a|\
         what is an|what is the difference|what does|what do|teach me|walk me through|should i|could i|\
         when should|what happens if|what if|what would|what would happen|tell me how|show me how|best practices|best practice",
    ),
    // How things are.
    (
        S::Health,
        "health endpoint|health endpoints|readiness endpoint|how healthy is|how healthy are|how healthy|health|healthy|health check|health checks|do a health check|check health|\
         probes|readiness probes|liveness probes|startup probes|passing|fully deployed|deployed properly|deployed successfully|up to date|ok|okay|fine|alive|well|up and running|in good shape|working|working properly|working correctly|\
         all good|ready|available|health status|health report|health check of|doing|operational|stable",
    ),
    (
        S::Trouble,
        "failures|failure|error|errors|failing|fails|fail|crashing|crash|crashes|crashed|crashloop|crash loop|crash looping|crashlooping|crashloopbackoff|\
         imagepullbackoff|errimagepull|oomkilled|oomkilling|broken|unhealthy|wrong|going wrong|issue|issues|any issues|problem|\
         problems|trouble|not ready|unready|not healthy|stuck|not starting|not start|not come up|not coming up|\
         failing to start|not working|hanging|erroring|degraded|dead|not available|unavailable|unresponsive|not responding|\
         keeps crashing|keep crashing|keeps restarting|keep restarting|keeps failing|crashloopbackoff state|\
         crashing constantly|not work|restarting|not connecting|cannot connect|misbehaving|failed to start|failing pods",
    ),
    (
        S::Probe,
        "how do i debug|how can i debug|how do i troubleshoot|how can i troubleshoot|how do i diagnose|how do i fix|how can i fix|diagnose|troubleshoot|debug|investigate|analyze|analyse|examine|look into|find out|figure out|identify|\
         find the root cause|root cause|check the health of|test if|test whether|fix|resolve|repair|solve|fixing",
    ),
    (S::State(State::Running), "in running state|in the running state|running state|running"),
    (S::State(State::Pending), "in pending state|in the pending state|pending state|pending|waiting to be scheduled"),
    (S::State(State::Failed), "in failed state|in the failed state|failed state|failed"),
    (S::State(State::Succeeded), "succeeded|completed"),
    (S::State(State::Unschedulable), "unschedulable|cordoned|not schedulable|non schedulable|non-schedulable"),
    (S::State(State::Schedulable), "schedulable|uncordoned"),
    // Small words.
    (
        S::Of,
        "in dir|in directory|in the directory|in the dir|in folder|in the folder|from folder|from the folder|from directory|from the directory|from url|from the url|from address|resources in dir|resources in directory|resources in the directory|resources in folder|resources in the folder|resources from url|resources from the url|resource from url|from multiple files|from several files|resources included in|objects included in|included in|using the data in|based on the data in|with the data in|identified by type and name in|identified by the type and name in|by the type and name in|using the type and name specified in|using the type and name in|objects in|objects from|the objects in|the objects from|objects defined in|resources defined in|resources in|the resources in|the resource in|resource from|\
         the resource from|the resources from|resources from|in next|in the next|for next|for the next|over the next|within the next|the next",
    ),
    (S::In, "in|inside|inside of|within|into"),
    (S::On, "on|onto|scheduled on|running on"),
    (
        S::Of,
        "of|under|below|beneath|managed by|owned by|controlled by|created by|belong to|that belongs to|belongs to|on behalf of|concerning|regarding|related to|relating to|that concern|concern|involving|pertaining to|associated with|from all of|for|from|across|over|throughout|via|about|out of|belonging to|coming from|existing in|that belong to|generated by|produced by",
    ),
    (S::To, "to|->|=>|at|down to|up to|to use|to be|to have|back to|to a total of"),
    (S::By, "by"),
    (
        S::With,
        "including|with|where|w/|that carry|bearing|tagged with|wearing|having|that have|which have|matching|that match|using the|carrying|defined by|selected by|filtered by|\
         whose",
    ),
    (S::As, "as"),
    (
        S::Named,
        "named|called|with name|with the name|with names|with the names|whose name is|with the same names|with same names|\
         with same name|with the same name|by the name of|name|names",
    ),
    (
        S::Det,
        "the following|a|an|the|generic|opaque|my|our|your|their|its|some|any|of the|existing|current|single|specific|given|specified",
    ),
    (S::New, "new|brand new"),
    (S::This, "this|that|these|those|the same"),
    (S::It, "it|them|that one|this one|the same one|they"),
    (S::All, "all|every|each|all of|all of the|all the|all my|all of my|all our"),
    (
        S::Everything,
        "everything|anything|all resources|every resource|all objects|all of it|all the things|all of them|the whole cluster|\
         the entire cluster|all workloads|every workload",
    ),
    (
        S::EveryNamespace,
        "all namespaces|every namespace|each namespace|any ns|every ns|each ns|all the namespaces|any namespace|across namespaces|all namespace|all ns|\
         across all namespaces|in all namespaces|from all namespaces|in every namespace|in any namespace|\
         across every namespace|cluster-wide|clusterwide|cluster wide|everywhere|in the whole cluster|in the entire cluster|\
         across the cluster|across the whole cluster|across the entire cluster|across my cluster|over all namespaces|\
         of all namespaces|for all namespaces|existing in all namespaces|throughout the cluster|regardless of namespace",
    ),
    (
        S::HereNamespace,
        "in the project|in this project|in the current project|in the namespace|in this namespace|in the current namespace|in my namespace|in my current namespace|\
         in the active namespace|of the current namespace|from the current namespace|for the current namespace|\
         in current namespace|in our namespace",
    ),
    (
        S::WholeCluster,
        "in the cluster|in my cluster|in our cluster|in this cluster|on the cluster|of the cluster|of my cluster|\
         for the cluster|from the cluster|on my cluster|of this cluster|of our cluster|for my cluster|in cluster",
    ),
    (S::Cluster, "cluster|k8s cluster|kubernetes cluster"),
    (S::And, "and|plus|as well as|and also|along with|together with|&|and the"),
    (S::Or, "or"),
    (S::Then, "then|and then|after that|afterwards|followed by|next|finally|and finally"),
    (S::Not, "not|never|without|no|non|except|but not|excluding|other than|avoid|neither|instead of|cannot"),
    (
        S::Condition,
        "if|when|unless|until|while|once|whenever|during|after|before|otherwise|else|only if|provided|as soon as|in case|\
         tomorrow|tonight|later|daily|nightly",
    ),
    (
        S::Because,
        "so nothing|so that nothing|so no new|so it picks up|so they pick up|so that it picks up|so it uses|so it gets|so it can|so they can|so a default|so the default|because|so that|in order to|since we|as we|as i need|to pick up",
    ),
    (S::Up, "up|out|upward"),
    (S::Down, "down|downward"),
    (S::More, "more|additional|extra|another|fewer|less"),
    (S::Most, "use the most|uses the most|using the most|consume the most|consumes the most|consuming the most|most|highest|top consumers"),
    (S::Times(2), "double|twice"),
    (S::Times(0), "half|halve"),
    (
        S::Replicas,
        "replicas|replica|instances|instance|copies|replica count|number of replicas|the number of replicas|\
         replicas count|desired replicas",
    ),
    (S::Lines, "lines|line|lines of output|lines of|log entries|entries"),
    (S::Container, "container|sidecar|sidecar container"),
    (
        S::AllContainers,
        "all containers|every container|per container|by container|broken down per container|broken down by container|each container|all the containers|multi containers|multiple containers|\
         all of its containers|all its containers|containers",
    ),
    (S::Value, "value|values|the value|a value"),
    (S::Last, "last|latest|most recent|recent|past|newest|tail"),
    (
        S::Previous,
        "previous instantiation of a container in|previous instantiation of the container in|previous instantiation of|previous instantiation|previous|previously|prior|former|previous terminated|previous instance|previous instance of|the previous|\
         last terminated|before the crash|before the restart|before it crashed|crashed container|one before",
    ),
    (S::First, "first"),
    (S::Since, "since|newer than|younger than|not older than"),
    (S::Ago, "ago"),
    (S::Unit("s"), "second|seconds|sec|secs"),
    (S::Unit("m"), "minute|minutes|min|mins"),
    (S::Unit("h"), "hour|hours|hr|hrs"),
    (S::Unit("d"), "day|days"),
    (S::Image, "image|images|docker image|container image|image version|the image"),
    (S::Tag, "tag|version|image tag|new image tag|release"),
    (S::Revision, "revision|rollout revision|rev|state it was in before"),
    (S::Output("json"), "json"),
    (
        S::Output("yaml"),
        "configuration|configurations|config|configs|configuration of|configuration for|yaml|yml|manifest|manifests|yaml of|yaml for|definition|the yaml",
    ),
    (
        S::Output("wide"),
        "and their nodes|ip address|ips of|ip addresses of|internal ip|internal ips|external ip|external ips|internal addresses|external addresses|addresses|externalips|internalips|the node on which|on which node|on what node|which node does|what node does|which node is|what node is|the node where|together with its node|with its node|together with their nodes|and its node|including the node|including their nodes|in wide format|in the wide format|with more columns|with their nodes|and the node they run on|and which node they run on|with the node they run on|and the nodes they run on|verbose output|wide|more details|more information|more detail|more info|expanded|additional information|extra information|\
         additional details|extra details|extended information|ip addresses|their ips|node names|node name|details|\
         full details|ips|just wide",
    ),
    (
        S::Output("name"),
        "only the resource names of|only the names of|just the names of|names only|only names|name only|just the names|only the names|just names",
    ),
    (S::Format, "format|output format|in ps output format|ps output format|form|in plain text"),
    (
        S::Given("show-labels", "true"),
        "and their labels|display all their labels too|display all their labels|show all their labels too|show all their labels|and show their labels|and display their labels|\
         showing their labels|showing all labels|with all their labels|including all labels|including their labels|and display all their labels too|\
         and display all their labels|and show all their labels|and print their labels|along with their labels|along with all their labels|together with their labels",
    ),
    (S::Timestamps, "timestamps|with timestamps|timestamp"),
    (
        S::Overwrite,
        "overwrite|overwriting|overwriting any existing value|overwrite existing|overwrite what is there|replacing what is there|overwriting what is there|replace existing|overwriting existing|\
         even if it exists|replacing any existing value|replacing the existing value|overwriting the existing value",
    ),
    (
        S::SortedByName,
        "sorted by a column|sorted by column|sorted by name|sort by name|ordered by name|by name|in alphabetical order|alphabetically",
    ),
    (
        S::SortedByTime,
        "sorted by timestamp|sorted by time|sort by time|by time|sorted by creation timestamp|in order|chronologically|\
         ordered by time|sorted by last timestamp",
    ),
    (S::Warning, "warning|warnings"),
    (S::Normal, "normal"),
    (S::Type, "type|types|of type|of types"),
    (
        S::Topic(Act::CanI),
        "can i|may i|check that i can|verify that i can|check that i am allowed to|verify that i am allowed to|check whether you may|check whether you can|check if you may|check if you can|see whether you may|whether you may|am i allowed to|am i able to|do i have permission to|do i have permissions to|do i have the right to|have i permission to|\
         check if i can|check whether i can|to see if i can|check to see if i can|see if i can|if i can|whether i can|check if i am allowed to|\
         check if i may|whether i may|am i permitted to|check my permission to",
    ),
    (
        S::Act(Act::Explain),
        "explain|schema of|the schema of|read the schema of|meaning of|structure of|what does the field|what is the field|which fields are allowed|which fields are there|what fields are allowed|which fields does|what fields does|what are the fields|the documentation for|the documentation of|get the documentation of|get the documentation for|documentation of|documentation for|docs for|docs of|documentation of the resource|fields of",
    ),
    (S::Act(Act::Expose), "expose|exposing|publish"),
    (S::Act(Act::Trigger), "trigger|kick off|manually trigger|trigger a run of|run a job from|start a job from"),
    (S::Act(Act::Run), "run|spin up|start a|start an|start one"),
    (S::Act(Act::Annotate), "annotate|annotating"),
    (S::Act(Act::Taint), "taint|tainting"),
    (S::Act(Act::Drain), "drain|draining"),
    (S::Act(Act::Pause), "pause|pause the rollout of|suspend|suspending|pause rollout of|halt the rollout of|mark as paused"),
    (
        S::Act(Act::Resume),
        "resume|unpause|resume the paused rollout of|resume the paused rollout for|resume the rollout for|resume rolling out|resume the rollout of|resume rollout of|continue the rollout of",
    ),
    (S::Act(Act::Autoscale), "autoscale|autoscaling|auto-scale|auto scale|auto scale a|set up autoscaling for|enable autoscaling for"),
    (S::Act(Act::Exec), "exec|execute|execute in"),
    (
        S::Act(Act::Shell),
        "interactive shell access to|bash in|bash into|sh into|bash shell in|a bash shell in|get a bash shell in|open a bash shell in|start a bash shell in|open an interactive bash shell in|get an interactive bash shell in|start an interactive bash shell in|an interactive bash shell in|bash on|sh in|a bash in|open bash in|open a bash in|run bash in|start bash in|shell access to|interactive shell to|interactive shell in|open interactive shell in|exec into|shell into|ssh into|ssh to|open a shell|open a shell in|open a shell on|open a shell to|open a shell into|get a shell|get a shell in|get a shell on|\
         get a shell to|get a shell into|start a shell|start a shell in|start a shell on|run a shell in|run a shell on|execute a shell in|execute a shell on|\
         execute a simple shell on|execute a simple shell in|an interactive shell in|open an interactive shell|open an interactive shell in|\
         start an interactive shell in|get an interactive shell in|log into|log in to|get into|jump into|shell in|shell of",
    ),
    (S::Act(Act::Attach), "attach|attach to|attaching to|get output from|get the output from|get output from running"),
    (
        S::Act(Act::Forward),
        "configure port forward|configure port forward for|configure port forwarding|configure port forwarding for|set up port forwarding|set up port forwarding for|set up port-forwarding|set up a port forward|set up a port forward for|set up a port-forward|start port forwarding|create a port forward|enable port forwarding|port forwarding|port-forwarding|forward|port-forward|port forward|forwarding|listen|listen locally|forward traffic|tunnel|open a tunnel",
    ),
    (S::Act(Act::Copy), "copy|cp"),
    (
        S::Act(Act::Debug),
        "start a debug container in|interactive debugging session on|an interactive debugging session on|debugging session on|debug session on|start a debugging session on|create a debugging session on|create an interactive debugging session on|start an interactive debugging session on|open a debugging session on|add a debugging container to|start a debugging container in|start a debug container on|attach a debug container to|add a debug container to|add an ephemeral container to|\
         start an ephemeral container in|run a debug container in|debug with a container",
    ),
    (S::Act(Act::Wait), "wait|block until|block till|wait till|hold until|wait for|wait until|waiting for"),
    (S::Act(Act::Approve), "approve|accept"),
    (S::Act(Act::Deny), "deny|reject"),
    (S::Act(Act::Replace), "replace"),
    (S::Act(Act::Edit), "edit|editing"),
    (
        S::Act(Act::Diff),
        "diff|show what would change|see what would change|what would change|what would be changed|which changes would|preview the changes of|preview the changes in|see what|diff against|show the diff of|what would change with",
    ),
    (
        S::Topic(Act::Line("config get-clusters")),
        "clusters that kubectl knows about|clusters defined in the kubeconfig|clusters defined in my kubeconfig|clusters in my kubeconfig|clusters in kubeconfig|clusters from the kubeconfig|clusters from my kubeconfig|clusters kubectl knows about|clusters known to kubectl|clusters of the kubeconfig|clusters in the kubeconfig|kubeconfig clusters|known clusters|configured clusters",
    ),
    (
        S::Topic(Act::Line("config get-users")),
        "users that kubectl knows about|users defined in the kubeconfig|users defined in my kubeconfig|users in my kubeconfig|users in kubeconfig|users from the kubeconfig|users from my kubeconfig|all users in my kubeconfig|users kubectl knows about|users known to kubectl|kubectl users|users of the kubeconfig|users in the kubeconfig|kubeconfig users|configured users",
    ),
    (S::Topic(Act::Line("helm list")), "helm releases|all helm releases|installed helm releases|installed charts|releases of helm"),
    (
        S::Topic(Act::Line("helm status")),
        "helm release status|helm status|status of helm release|status of the helm release|helm release status for|status of release",
    ),
    (
        S::Topic(Act::Line("helm history")),
        "helm history|helm release history|history of helm release|history of the helm release|helm revisions",
    ),
    (S::Topic(Act::Line("helm get hooks")), "helm hooks|hooks of helm release|hooks of the helm release|helm release hooks"),
    (S::Topic(Act::Line("helm get notes")), "helm notes|notes of helm release|notes of the helm release|helm release notes"),
    (S::Topic(Act::Line("helm lint")), "lint|lint the chart|lint chart|check the chart|validate the chart|helm lint"),
    (
        S::Topic(Act::Line("helm template")),
        "render the chart|render chart|template the chart|helm template|render the templates of the chart",
    ),
    (S::Topic(Act::Line("helm get values")), "helm values|values of helm release|values of the helm release|helm release values"),
    (S::Topic(Act::Line("helm get manifest")), "helm manifest|manifest of helm release|manifest of the helm release"),
    (S::Given("helm", "true"), "helm|helm release|helm revision|release of helm"),
    (
        S::Role("for"),
        "condition of type|status condition of type|the status condition of type|to contain the status condition of type|reach the condition|reach the|reaches the|to reach the|reaches condition",
    ),
    (
        S::Topic(Act::Line("auth can-i --list")),
        "your permissions|all your permissions|permissions i have|permissions do i have|which permissions do i have|actions am i allowed to perform|actions i am allowed to perform|actions can i perform|actions you are allowed to perform|am i allowed to do here|what i am allowed to do|allowed actions|all allowed actions|what i can do|what am i allowed to do|my permissions|my rights|list my permissions",
    ),
    (
        S::Topic(Act::Line("auth whoami")),
        "who am i|whoami|who am i logged in as|which user am i|what user am i|who am i authenticated as|am i logged in as|my identity|subject attributes|your subject attributes|my subject attributes|my user attributes",
    ),
    (
        S::Topic(Act::Line("api-resources")),
        "api resources|api-resources|resources are available|all resource types|supported api resources|supported resources|resource types|kinds of resources|available resource types|\
         supported resource types|available api resources|resource kinds",
    ),
    (S::Topic(Act::Line("kustomize")), "kustomize build|build the kustomization|rendered kustomization|build kustomization"),
    (
        S::Topic(Act::Line("api-versions")),
        "api versions|api-versions|supported api versions|api groups/versions|api groups and versions|api groups and their versions|api groups|available api versions",
    ),
    (
        S::Topic(Act::Line("version")),
        "version of kubernetes is running|version of the client|version of kubectl|version of kubernetes is the server running|version of kubernetes are we running|version of kubernetes do we run|version of kubernetes is used|version of the cluster is running|version of k8s is running|version of k8s are we running|kubernetes version|cluster version|server version|k8s version|client version|kubectl version|version of kubernetes|version of the cluster|\
         version of my cluster|client and server versions|client and server version",
    ),
    (
        S::Topic(Act::Line("cluster-info")),
        "address of the master and cluster services|addresses of the master and cluster services|address of the control plane and cluster services|addresses of the control plane and the cluster services|url of the kubernetes master|url of the master|url of the control plane|url of the api server|api server url|api server address|address of the api server|where the control plane runs|where is the control plane|cluster state|the state of the cluster control plane|cluster endpoints|addresses of the control plane and cluster services|addresses of the control plane and the services|addresses of the master and services|address of the master and services|cluster info|cluster-info|cluster information|info about the cluster|addresses of the master|address of the master|address of the control plane|control plane address|addresses of the control plane",
    ),
    (
        S::Topic(Act::Line("config view")),
        "kubeconfig|kubeconfig settings|merged kubeconfig settings|kube config|kubectl config|kubectl configuration",
    ),
    (
        S::Topic(Act::Line("config current-context")),
        "current context|active context|current ctx|which context is in use|context is in use|context in use|which context is active|which context is current|what context am i in|context am i on|the context i am using|current kubectl context|current-context|which cluster am i on|which context am i using|context am i in",
    ),
    (
        S::Topic(Act::Line("config get-contexts")),
        "all the contexts|contexts does my kubeconfig know|contexts my kubeconfig knows|list of contexts|contexts|all contexts|available contexts|kubeconfig contexts|context names",
    ),
    // What a value is, by the flag it fills.
    (
        S::Role("port"),
        "http port|https port|http container port|let the container expose port|let it expose port|container exposes port|exposes port|container expose port|as the port that this container exposes|serves on port|which serves on port|that serves on port|serving on port|which listens on port|that listens on port|listens on port|serves on|tcp|mapping tcp|port|ports|container port|containerport|on port|on ports|listening on port|tcp port",
    ),
    (
        S::Role("target-port"),
        "target|target port|targetport|target-port|port on the target|to container port|to target port|connects to the containers on port|to port",
    ),
    (
        S::Role("duration"),
        "duration|expiration|expiration of|custom expiration|with a custom expiration of|valid for|that stays valid for|which stays valid for|that is valid for|which is valid for|that expires in|which expires in|\
         expiring in|lifetime|with a lifetime of|that expires after|expiring after",
    ),
    (S::Role("audience"), "audience|audiences|custom audience|for audience|for the audience"),
    (S::Role("docker-username"), "username|user name|docker username|docker-username"),
    (S::Role("docker-password"), "password|docker password|docker-password"),
    (S::Role("docker-server"), "server|registry server|docker server|docker-server"),
    (S::Role("docker-email"), "email|e-mail|docker email|docker-email"),
    (S::Given("shell", "bash"), "using bash|with bash"),
    (S::Given("shell", "/bin/bash"), "using /bin/bash|with /bin/bash"),
    (S::Role("local-port"), "local|local port|on local port|from local port|my local port|localhost port"),
    (S::Role("node-port"), "node port number"),
    (S::Role("env"), "env|envs|env var|env vars|environment variable|environment variables|environment"),
    (S::Role("limits"), "limit|limits|resource limit|resource limits"),
    (S::Role("requests"), "request|requests|resource request|resource requests"),
    (S::Role("schedule"), "schedule|cron schedule|on a schedule|cron expression|with schedule|on schedule|with the schedule"),
    (
        S::Role("command"),
        "one-off command|a one-off command|this command|the following command|command|commands|the command|a command|and run|that executes|which executes|executing|executes|executing command|run command|\
         running the command|runs the command|run the command|to run the command|that runs the command|with command|with the command",
    ),
    (S::Role("user"), "user|users|for user"),
    (S::Role("group"), "group|groups"),
    (
        S::Role("verb"),
        "verb|verbs|allows user to perform|that allows user to perform|allowed to perform|permission to|permissions to|that can|which can|allowed to|\
         that support|that supports|supporting|which support",
    ),
    (S::Role("resource-name"), "resource name|resource names|resourcename|resourcenames"),
    (S::Role("non-resource-url"), "non-resource url|nonresourceurl|non resource url"),
    (
        S::Role("selector"),
        "that will select all pods with|that selects all pods with|that selects pods with|which selects pods with|selecting pods with|selecting all pods with|that will select pods with|for all pods with|for pods with|selector|selectors|label selector|pod selector",
    ),
    (S::Role("annotation"), "annotation|annotations"),
    (
        S::Role("min"),
        "with the number of pods between|the number of pods between|number of pods between|pods between|replicas between|number of replicas between|with between|minimum|minimum of|at least|minimum number of pods|a minimum of|min replicas|minimum replicas|between",
    ),
    (S::Role("max"), "max|maximum|maximum of|at most|maximum number of pods|a maximum of|max replicas|maximum replicas"),
    (
        S::Role("cpu-percent"),
        "target average cpu of|target average cpu|average cpu of|target cpu of|with cpu target|cpu utilization|cpu utilization at|target cpu utilization|target cpu utilization at|target cpu|cpu target|targeting|cpu-percent|cpu percent|target cpu utilization of",
    ),
    (S::Role("class"), "ingress class|ingressclass|ingress class as|with class|of class"),
    (
        S::Role("rule"),
        "rule|rules|pointing to|that directs requests to|directs requests to|that routes|which routes|routing requests for|routing requests to",
    ),
    (
        S::Role("host"),
        "host|hostname|domain|on domain|for domain|for host|on host|at host|with host|domain name|for the domain|for the host|at domain|on the domain|on the host",
    ),
    (S::Role("path"), "path|path of|at path|on path|with path|for path|paths"),
    (S::Role("revisions"), "between revisions|between the revisions|between revision|revisions from|from revision"),
    (S::Role("chart"), "chart|charts|from chart|from the chart|with chart|using chart"),
    (
        S::Given("docker-registry", "true"),
        "docker registry|docker-registry|of the type docker-registry|of type docker-registry|registry|image pull",
    ),
    (S::Given("token", "true"), "token|api token|bearer token|access token|tokens"),
    (S::Given("helm", "true"), "helm chart|helm charts|helm package"),
    (
        S::Role("current-replicas"),
        "current size is|current replicas is|current replicas are|current replica count is|current number of replicas is|currently at|current size",
    ),
    (S::Role("default-backend"), "default backend|default-backend"),
    (S::Role("hard"), "hard|hard limits"),
    (S::Role("scopes"), "scope|scopes"),
    (
        S::Role("min-available"),
        "that keeps at least|which keeps at least|keeps at least|require at least|requires at least|requiring at least|that requires at least|keep at least|keeping at least|min available|minimum available|minavailable|min-available|at least available",
    ),
    (S::Role("max-unavailable"), "max unavailable|maximum unavailable|maxunavailable|max-unavailable"),
    (S::Role("protocol"), "protocol"),
    (S::Role("grace-period"), "grace period|grace-period|graceperiod|grace period of"),
    (
        S::Role("timeout"),
        "timeout|for up to|for no longer than|no longer than|for a maximum of|maximum wait of|giving up after|give up after|with timeout|timeout of|with a timeout of|for at most",
    ),
    (S::Role("restart"), "restart policy|restartpolicy|restart-policy"),
    (S::Role("image-pull-policy"), "pull policy|image pull policy|imagepullpolicy|image-pull-policy"),
    (S::Role("from-literal"), "literal|literals|from literal|from literals"),
    (
        S::Role("from-env-file"),
        "env files|from the env files|from env files|.env file|from the .env file|dotenv file|env file|env-file|from env file|from an env file",
    ),
    (S::Role("external-name"), "external name|externalname|external-name|pointing at host"),
    (S::Role("cert"), "cert|certificate|certificate file|public key certificate"),
    (S::Role("key"), "key|key file|private key"),
    (S::Role("description"), "description"),
    (S::Role("preemption-policy"), "preemption policy|preemption-policy"),
    (S::Role("field"), "field|fields"),
    (S::Role("subresource"), "subresource"),
    (S::Role("exit-code"), "with exit code|exit code|exit status|with exit status"),
    (S::Given("subresource", "status"), "status subresource|subresource status"),
    (S::Given("subresource", "scale"), "scale subresource|subresource scale"),
    (S::Role("api-group"), "api group|apigroup|api-group"),
    (S::Role("from"), "from configmap|from secret"),
    (S::Given("namespaced", "true"), "namespaced|namespace-scoped|namespace scoped"),
    (S::Given("namespaced", "false"), "non-namespaced|not namespaced|cluster-scoped|cluster scoped|non namespaced"),
    (
        S::Given("terminal", "true"),
        "with stdin and a tty|with a tty|with stdin and tty|an interactive session in it|interactive session|with a terminal|switch to raw terminal mode|raw terminal mode|in the foreground|keep it in the foreground|interactively|interactive|interactive mode|in interactive mode",
    ),
    (
        S::Given("ignore-daemonsets", "true"),
        "ignoring daemonsets|ignore daemonsets|while ignoring daemonsets|while ignoring daemon sets|while ignoring the daemonsets|skipping daemonset pods|skipping daemon sets|skip daemonset pods|ignore the daemonsets|ignore daemonset pods|ignore ds|ignoring ds|ignoring all daemonsets|ignoring the daemonsets|ignoring its daemonsets|leaving daemonsets alone|leaving daemonset pods alone|skip daemonsets|skipping daemonsets|daemonsets may be ignored|ignoring daemonset pods|ignoring daemonset-managed pods|ignore daemonset-managed pods|ignoring daemon sets|ignore daemon sets",
    ),
    (
        S::Given("delete-emptydir-data", "true"),
        "delete emptydir data|deleting emptydir data|deleting the emptydir data|delete the emptydir data|emptydir data may be lost|deleting emptydir volumes|losing emptydir data|deleting local data",
    ),
    (
        S::Given("force", "true"),
        "even if there are pods not managed by|even if there are pods that are not managed by|even if it has pods not managed by|even if there are unmanaged pods|even with unmanaged pods|including unmanaged pods|force|force it|forced|by force|forcefully|forcibly",
    ),
    (
        S::Given("global-default", "true"),
        "globaldefault|global default|becomes the global default|that becomes the global default|the global default|as global default|as the global default",
    ),
    (S::Given("clusterip", "None"), "headless|in headless mode|headless mode|without a cluster ip|with no cluster ip"),
    (S::Given("server-side", "true"), "server-side|server side|server-side apply|with server-side apply|using server-side apply"),
    (S::Given("type", "NodePort"), "nodeport|of type nodeport|type nodeport|node port"),
    (S::Given("type", "LoadBalancer"), "loadbalancer|load balancer|load-balancer"),
    (S::Given("type", "ClusterIP"), "clusterip|cluster ip|cluster-ip"),
    (
        S::Given("follow", "true"),
        "keep following|and keep following|keep streaming|follow|following|stream|streaming|begin streaming|start streaming|live|in real time|real-time|realtime|tail -f|as they arrive|continuously|live tail",
    ),
    (
        S::Given("prefix", "true"),
        "prefixing each line with the source pod and container name|with pod name prefix|with the pod name as prefix|with a pod name prefix|with a prefix|with prefix|prefixed|with pod names|prefixing each line",
    ),
    (S::Role("limit-bytes"), "limiting output to|limit output to|limited to"),
    (S::Role("max-log-requests"), "limiting concurrent log requests to|concurrent log requests"),
    (S::Given("ignore-errors", "true"), "continuing even if errors occur|ignoring errors|even if errors occur"),
    (
        S::Given("ignore-not-found", "true"),
        "if one exists|if it is there|if there is any|if it exists|if they exist|if present|if there is one|if there are any",
    ),
    (S::Role("pod-running-timeout"), "waiting up to"),
    (
        S::Given("sort-by", ".status.containerStatuses[0].restartCount"),
        "sorted by restart count|sorted by how many times they restarted|sorted by how often they restarted|by restart count|sorted by restarts|sorted by number of restarts|by number of restarts|order by restart count",
    ),
    (
        S::Given("sort-by", "cpu"),
        "by cpu|sorted by cpu|sort by cpu|sort it by cpu|and sort by cpu|and sort it by cpu|and sort them by cpu|ordered by cpu|order by cpu|sorted by cpu usage|\
         sort by cpu usage|by cpu usage|sorted by cpu consumption|ordered by cpu usage",
    ),
    (
        S::Given("sort-by", "memory"),
        "by memory|sorted by memory|sort by memory|sort it by memory|and sort by memory|and sort it by memory|and sort them by memory|ordered by memory|order by memory|\
         sorted by memory usage|sort by memory usage|by memory usage|sorted by memory consumption|ordered by memory usage",
    ),
    (S::Given("now", "true"), "with no grace period|without a grace period|without grace period|with minimal delay"),
    (
        S::Given("sort-by", ".spec.nodeName"),
        "sorted by the node they run on|sorted by node|by node|ordered by node|sort by node|sorted by node name|grouped by node",
    ),
    (S::Given("sort-by", ".spec.capacity.storage"), "by capacity size|sorted by capacity|by capacity|ordered by capacity"),
    (
        S::Given("sort-by", ".metadata.creationTimestamp"),
        "sorted by age|by age|sort by age|from oldest to newest|newest last|sorted by start|sorted by creation time|by creation time|oldest first|sorted by creation date|ordered by age|ordered by creation time",
    ),
    (
        S::Given("dry-run", "true"),
        "dry run|dry-run|as a dry run|server-side dry run|client-side dry run|client side dry run|server side dry run|without sending it|only print|without creating it|without applying it|without creating anything|without creating anything on the cluster|without creating anything in the cluster|without creating it on the cluster|without creating it in the cluster|without creating them|do not create it|\
         without actually creating it|without doing it|without changing anything",
    ),
    (
        S::Given("restart", "Never"),
        "restart policy never|restart policy to never|restart policy of never|restart policy must be never|restart policy is never|restart policy should be never|restartpolicy never|restart=never|never restarted|do not restart it if it exits|do not restart if it exits|that is never restarted|one-off",
    ),
    (
        S::Given("restart", "OnFailure"),
        "restart policy onfailure|restart policy to onfailure|restart policy of onfailure|restart policy must be onfailure|restart policy is onfailure",
    ),
    (S::Given("recursive", "true"), "recursive|recursively|all the fields|with all fields"),
    (S::Given("raw", "true"), "raw certificate data|exposed secrets"),
    (S::Given("for", "condition=Ready"), "become ready|becomes ready|to be ready|is ready|are ready|gets ready"),
    (S::Given("for", "condition=available"), "become available|becomes available|to be available|is available"),
    (S::Given("for", "create"), "to be created|is created|to exist|to appear"),
    (S::Given("for", "delete"), "deletion of|the deletion of|to be deleted|is deleted|is gone|to be gone|to disappear"),
    (
        S::Given("for", "condition=complete"),
        "to complete|is complete|completes|has completed|has finished|have finished|finishes successfully|to finish|is finished|finishes",
    ),
    (S::Runs, "runs|that run|that runs|which runs|to run|based on|running the image|using image|using the image|with image of"),
    // What is wanted without an operation.
    (
        S::Goal(Goal::Load),
        "load|more load|more traffic|peak traffic|heavy traffic|high traffic|high load|peak load|heavy load|more users|more requests|peak|\
         peak hours|traffic spike|traffic spikes|workload increase|increased load|increased traffic|demand|more demand|busy",
    ),
    (
        S::Goal(Goal::Resources),
        "hitting|hitting their|exceeding|exceeding their|running out of|close to their|near their|resource allocation|resources allocation|resource optimization|resource optimisation|resource optimizations|resource efficiency|right-sizing|rightsizing|\
         right sizing|over-provisioned|overprovisioned|over provisioned|under-provisioned|underprovisioned|allocation|efficiency|allocations|\
         memory leak|memory leaks|resource waste|throttled|cpu throttled|throttling|oversized|undersized|resource issues|resource problems|resource pressure",
    ),
    (
        S::Goal(Goal::Cost),
        "cost|costs|cost efficiency|cost optimization|cost reduction|cost saving|cost savings|money|wasting money|cheaper|waste|savings|spend|budget",
    ),
    (
        S::Goal(Goal::Performance),
        "performance|bottleneck|bottlenecks|performance bottlenecks|slow|slowness|latency|high latency|throughput|request throughput|response time|\
         response times|faster|speed",
    ),
    (
        S::Goal(Goal::Capacity),
        "capacity|spare capacity|available resources|free resources|headroom|available capacity|free capacity|capacity needs|room left",
    ),
    (
        S::Goal(Goal::Security),
        "security|vulnerability|vulnerabilities|security issues|security vulnerabilities|security misconfigurations|security problems|compliance|\
         security compliance|security contexts|security context|pod security contexts|hardening|secure|compliance status|security compliance status|security status|security posture|security score|rbac issues|security risks",
    ),
    (
        S::Goal(Goal::Reliability),
        "reliability|resilience|resilient|high availability|highly available|survive|survives|node loss|node failure|fault tolerance|fault tolerant|\
         disaster recovery|redundancy|availability|uptime|single point of failure|single points of failure",
    ),
    (
        S::Goal(Goal::Network),
        "network|networking|network performance|network connectivity|connectivity|cluster networking|networking health|network health|network issues|\
         network problems|dns issues|connectivity issues",
    ),
    (
        S::Goal(Goal::Placement),
        "pod distribution|distribution|affinity problems|anti-affinity problems|affinity/anti-affinity problems|affinity|anti-affinity|placement|spread across nodes|pod placement|balanced",
    ),
    (
        S::Goal(Goal::Configuration),
        "misconfiguration|misconfigurations|review configuration|review my configuration|review the configuration|check my configuration|check configuration|misconfigured|best practices compliance|production readiness|production ready|production-ready|\
         improvements|improvement|anti-patterns|configuration issues|configuration problems|config issues|12-factor app compliance",
    ),
    (
        S::Goal(Goal::Risk),
        "risk|risks|potential issues|potential problems|recurring issues|likely to fail|incidents|avoid incidents|prevent incidents|preventive actions|potential failures|upcoming issues|anomalies",
    ),
    (
        S::Wish,
        "can i optimize|can i improve|can we optimize|can we improve|could i optimize|can i make better|optimize|optimise|optimizing|optimising|improve|improving|handle|harden|tune|right-size|rightsize|secure the|secure this|secure my|\
         prepare for|plan for|free up|speed up|mitigate|cope with|deal with|save",
    ),
    (
        S::Advise,
        "recommended|suggest|suggest ways to|suggestions|recommend|recommendation|recommendations|provide recommendations|provide recommendations for|advise|advice|propose|\
         review|audit|scan|assess|evaluate|rank|detect|estimate|predict|forecast|project|compare|report|report on|score",
    ),
    (
        S::Reach,
        "connected to|connect to|connect|can reach|can connect|can connect to|able to connect to|able to reach|reach|reaches|reachable from|talk to|communicate with|access|talking to",
    ),
    (S::Act(Act::Deploy), "deploy|redeploy|install|roll out a new"),
    // What belongs to a trade, or to a verb, that is not here.
    (
        S::Docker,
        "docker|dockerfile|dockerfiles|docker-compose|docker-compose.yml|compose|compose file|containerize|containerise|containerizing|\
         base image|image size|multi-stage|layers|layer|docker desktop|image vulnerabilities|docker networks|docker volumes",
    ),
    (S::Halt, "stop|shut down|shutdown|halt|switch off|turn off"),
    (S::Start, "start|start up|switch on|turn on"),
    (
        S::Foreign,
        "evict|autoscaler|tolerate|\
         build|\
         proxy|launch|backup|restore|migrate|\
         ssh|terminal|rename|clone|disable|\
         enable|grant|bind|impersonate|export|import|encrypt|rotate|curl|bash|\
         convert|alert|alerts|probe|\
         url",
    ),
    (
        S::Filler,
        "specifications|specification|key-value pair|key-value pairs|key/value pair|key/value pairs|key value pair|key value pairs|multi-container|next to it|beside it|alongside it|already paused|permits|that permits|which permits|whose status phase is|whose status is|whose phase is|status phase|with status|with phase|in phase|make up|makes up|straight|directly|we just created|you just created|just created|that was just created|full|in more detail|with the describe command|with the get command|on your workstation|on your laptop|from your laptop|from my laptop|from my machine|local file|local directory|local folder|local dir|folder|directory|dir|all the files in|all files in|each ns in|along with everything in it|and everything in it|with everything in it|after the upgrade|again after|shown|for a while|newly-made|newly created|fixed|api server|in your cluster|in one terminal|on the server|on the server side|used|namely|temporarily|mapping|that maps|which maps|remote|a long listing of|long listing of|manually|in between|one or more|mean|means|bound|after maintenance|after the maintenance|before maintenance|before the maintenance|during maintenance|you created|we created|i created|that you created|that we created|created earlier|created above|anywhere|on the screen only|enabled in your cluster|in place|as they change|as it changes|for changes|which already has it|printing|only the|nothing but|looking up|without looking up the pod name|one per line|defined|configured|written|contained|populated|already|going|actually|really|properly|for me|individually|at the moment|in use|installed|registered|present|recorded|declared|contain|contains|holds|look like|looks like|know about|knows about|consist of|consists of|up yet|is scheduled|are scheduled|got scheduled|was scheduled|which grants|that grants|granting|which binds|that binds|that gives|which gives|assigning|that allows to|which allows to|that allows|which allows|allowing to|allowing|allows|mode|on the screen|to the screen|to standard output|to stdout|at once|in total|one by one|on its own|if needed|if necessary|interested in|corresponding|accordingly|of them being available|of them available|being available at any time|at any point in time|at any time|at all times|using the first container by default|the first container by default|by default|in your kubeconfig file|in your kubeconfig|in the kubeconfig file|in my kubeconfig file|to authenticate to the kube-apiserver|to authenticate to the api server|to the kube-apiserver|does not require the --overwrite flag|no overwrite needed|no target cpu utilization specified|a default autoscaling policy will be used|default autoscaling policy will be used|autoscaling policy will be used|no cpu target specified|using the v1 api format|on startup|at startup|during startup|on start|on boot|at boot|that scales|which scales|that scale|actionable|of kubeconfig|of the kubeconfig|in kubeconfig|\
         in my kubeconfig|for it to start running|for it to start|status condition|condition status|file|files|the file|request verbs|significantly|potential|patterns|implementation|effectiveness|comprehensive|detailed|complete|occurred|that occurred|adjustments|probably|likely|size|on the local machine|on my machine|on localhost|to localhost|locally|local machine|\
         the first pod of|first pod of|the first pod in|a pod of|one of the pods of|any pod of|to minikube|on minikube|to the cluster|to kubernetes|to my cluster|\
         into the cluster|supported|deletion|the deletion|only if the user confirms|only if i confirm|after asking me|after i confirm|flag|\
         in preparation for|maintenance|for maintenance|for peak traffic|for cost saving|for cost savings|\
         to save cost|to save costs|to save money|for testing|for debugging|to handle the load|frequently|often|repeatedly|constantly|suggest fixes|suggest a fix|until completion|until done|until it is done|until it finishes|until it completes|until it has finished|\
         me|us|i|we|you|for the current context|of the current context|resources identified by|identified by type and name specified in|traffic|bytes|there|currently|now|right now|just|quickly|immediately|also|kubernetes|k8s|kubectl|snapshot|snapshots|\
         snapshot of|will|would|can|could|output of|of output|together|total|only|recently|today|here|so|too|again|yet|still|\
         both|successfully|exist|exists|do we have|do i have|we have|i have|only one container|with only one container|\
         first container|the first container|its first container|display the|gracefully|simply|hand|name of|names of|\
         the names of|exactly|whole|entire|possible|as needed|ones|available in",
    ),
];

//! Which names are those of images that Docker itself keeps, so that what is called so runs that.
//!
//! Source: <https://hub.docker.com/search?badges=official>, those that serve or run something.

/// Names of images without a publisher before them.
const IMAGES: &str = "adminer|almalinux|alpine|amazonlinux|arangodb|bash|busybox|caddy|cassandra|clojure|couchbase|couchdb|debian|docker|drupal|\
    eclipse-mosquitto|elasticsearch|fedora|flink|ghost|golang|gradle|haproxy|httpd|influxdb|jetty|jenkins|joomla|kibana|kong|logstash|\
    mariadb|matomo|maven|mediawiki|memcached|mongo|mongo-express|mysql|nats|neo4j|nextcloud|nginx|node|odoo|openjdk|perl|php|phpmyadmin|\
    postgres|python|rabbitmq|redis|redmine|registry|ruby|rust|solr|sonarqube|tomcat|traefik|ubuntu|varnish|wordpress|zookeeper";

/// Whether an image is called so.
pub(super) fn is(name: &str) -> bool {
    IMAGES.split('|').any(|image| image == name)
}

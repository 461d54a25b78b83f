const dependency = (group: string, name: string, version: string): string =>
  `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version><scope>test</scope></dependency>`;

const plugin = (name: string, version: string): string =>
  `<plugin><artifactId>${name}</artifactId><version>${version}</version></plugin>`;

const resources = (kind: string): string =>
  `<directory>src/${kind}/java</directory><excludes><exclude>**/*.java</exclude></excludes>`;

/**
 * The build of Commons Codec without what only its makers need. Maven's archives of sources have none. Surefire 3.3
 * brings classes of Commons Codec, which come before those that are to be tested: an older one does not.
 */
export const mavenProject = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>commons-codec</groupId>
  <artifactId>commons-codec</artifactId>
  <version>1.17.1</version>
  <properties>
    <maven.compiler.release>11</maven.compiler.release>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <dependencies>
    ${dependency("org.junit.jupiter", "junit-jupiter", "5.10.3")}
    ${dependency("org.apache.commons", "commons-lang3", "3.16.0")}
    ${dependency("commons-io", "commons-io", "2.16.1")}
  </dependencies>
  <build>
    <resources><resource>${resources("main")}</resource></resources>
    <testResources><testResource>${resources("test")}</testResource></testResources>
    <plugins>
      ${plugin("maven-resources-plugin", "3.3.1")}
      ${plugin("maven-compiler-plugin", "3.13.0")}
      ${plugin("maven-surefire-plugin", "2.22.2")}
    </plugins>
  </build>
</project>
`;

/** Stands in for packages that the bundle must not contain. */
// oxlint-disable-next-line import/no-default-export -- the module it replaces has one
export default {};

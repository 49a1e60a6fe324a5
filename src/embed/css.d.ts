/** Style sheets come in as text: the build makes them small and hands them over. */
declare module '*.css' {
  const css: string;
  export default css;
}

/** The widget's bundle has its styles as text. */
declare module '*.css' {
  const text: string;
  export default text;
}
